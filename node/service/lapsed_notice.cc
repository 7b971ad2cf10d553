#include "node/service/lapsed_notice.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/node_act.h"
#include "node/service/packet_revision.h"
#include "node/service/release_notes.h"

namespace comity {
namespace {

// More than waits for any partner.
constexpr int kAll = 1 << 16;

// Names the packet that people were told of; empty: of none.
std::string MetaName(const Uuid& referral_id) {
  return absl::StrCat("lapsed/", referral_id.ToString());
}

// Whether the event is the packet that its referral waits with.
absl::StatusOr<bool> IsWaitingPacket(const StoreReader& store,
                                     const OutboxRow& waiting,
                                     const ReferralRow& referral) {
  if (referral.state != ReferralState::kSent) return false;
  ASSIGN_OR_RETURN(const EventRow row, store.ReadEvent(waiting.event_id));
  return row.event.kind == ReferralEventKind::kSent;
}

absl::Status Tell(NodeContext& node, const ReferralRow& referral,
                  const CaseFacts& facts, CommitScope& scope) {
  ASSIGN_OR_RETURN(const uint64_t index,
                   LogNodeAct(node,
                              {NewUuid(node.random),
                               referral.parties.receiver.text(),
                               referral.case_id,
                               std::string(kLapsed),
                               {referral.referral_id, referral.case_id}},
                              scope));
  ReleaseNote note{
      referral.parties.receiver,
      true,
      std::string(kLapsed),
      {NoticeTarget::kCaseOwner, NoticeTarget::kCoordinatorAtHolder},
      facts.owner,
      false,
      referral.agreement_id,
      referral.case_id};
  RETURN_IF_ERROR(NoteRelease(node, note, index, scope));
  if (referral.drafted_by.empty() || referral.drafted_by == facts.owner) {
    return absl::OkStatus();
  }
  note.owner = referral.drafted_by;
  note.notify = {NoticeTarget::kCaseOwner};
  return NoteRelease(node, note, index, scope);
}

absl::Status NoteOne(NodeContext& node, const PolicyEngine& engine,
                     const OutboxRow& waiting, CommitScope& scope) {
  StoreTransaction& store = scope.store();
  ASSIGN_OR_RETURN(const ReferralRow referral,
                   store.ReadReferral(waiting.referral_id));
  ASSIGN_OR_RETURN(const bool packet,
                   IsWaitingPacket(store, waiting, referral));
  if (!packet) return absl::OkStatus();
  const std::string name = MetaName(referral.referral_id);
  ASSIGN_OR_RETURN(const std::string told, store.ReadMeta(name));
  if (!IsLapsed(store, engine, referral, scope.now())) {
    return told.empty() ? absl::OkStatus() : store.PutMeta(name, "");
  }
  if (told == waiting.event_id.ToString()) return absl::OkStatus();
  const auto facts = store.ReadFacts(referral.case_id);
  // The case is gone, and the packet with it.
  if (ReasonOf(facts.status()) == ErrorReason::kNotFound) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(facts.status());
  RETURN_IF_ERROR(Tell(node, referral, *facts, scope));
  return store.PutMeta(name, waiting.event_id.ToString());
}

}  // namespace

absl::Status NoteLapsedPackets(NodeContext& node,
                               const ParticipantCode& partner,
                               CommitScope& scope) {
  const auto engine = node.policy.Get(scope.now());
  ASSIGN_OR_RETURN(const std::vector<OutboxRow> waiting,
                   scope.store().ReadOutbox(partner, kAll));
  for (const OutboxRow& each : waiting) {
    RETURN_IF_ERROR(NoteOne(node, *engine, each, scope));
  }
  return absl::OkStatus();
}

}  // namespace comity
