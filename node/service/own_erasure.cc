#include "node/service/own_erasure.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/merkle.h"
#include "node/service/closed_revisions.h"
#include "node/service/consent_view.h"
#include "node/service/withdrawal.h"
#include "node/wire/own_leaf.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

constexpr int kAll = 1 << 20;

// All that names one person here.
struct Traces {
  CaseFacts facts;
  std::vector<ReferralRow> referrals;
  std::vector<Uuid>
      ids;  // the case, those merged into it, referrals, pseudonyms
  std::vector<SnapshotRow> revisions;  // that hold her row, without columns
};

absl::Status CheckMayErase(const CaseFacts& facts, absl::Time now) {
  if (facts.provenance.has_value()) {
    return ReasonError(
        ErrorReason::kReferralStateConflict,
        absl::StrCat("a partner referred this person: withdraw her consent, "
                     "which erases the case here and tells the partner; comity "
                     "referral withdraw ",
                     facts.provenance->referral_id.ToString()));
  }
  if (!facts.HeldAt(now)) return absl::OkStatus();
  return ReasonError(
      ErrorReason::kReferralStateConflict,
      absl::StrCat(
          "the case is kept on the ground ", Name(facts.hold->ground),
          " until ",
          absl::FormatTime("%Y-%m-%d", facts.hold->until, absl::UTCTimeZone()),
          "; nothing was erased"));
}

absl::StatusOr<Traces> FindTraces(const NodeContext& node,
                                  const StoreReader& store, const Uuid& case_id,
                                  absl::Time now) {
  Traces traces;
  ASSIGN_OR_RETURN(traces.facts, store.ReadFacts(case_id));
  RETURN_IF_ERROR(CheckMayErase(traces.facts, now));
  ASSIGN_OR_RETURN(traces.referrals, store.ListReferralsOf(case_id));
  // Her row may have been published while it was another case's.
  const std::vector<Uuid> cases = PublishedIdsOf(traces.facts);
  ASSIGN_OR_RETURN(traces.ids, store.ListPseudonyms(case_id));
  traces.ids.insert(traces.ids.end(), cases.begin(), cases.end());
  for (const ReferralRow& row : traces.referrals) {
    traces.ids.push_back(row.referral_id);
    traces.ids.push_back(row.pseudonym);
  }
  ASSIGN_OR_RETURN(traces.revisions, RevisionsWith(node, store, cases, now));
  return traces;
}

// What waits for its delivery and tells something.
absl::StatusOr<uint32_t> CountWaiting(const StoreReader& store,
                                      const ReferralRow& referral) {
  ASSIGN_OR_RETURN(const std::vector<OutboxRow> waiting,
                   store.ReadOutbox(referral.parties.receiver, kAll));
  return static_cast<uint32_t>(
      std::count_if(waiting.begin(), waiting.end(), [&](const OutboxRow& row) {
        return row.referral_id == referral.referral_id && !row.urgent;
      }));
}

bool IsDraft(const ReferralRow& referral) {
  return StageOf(referral.state) == DossierStage::kDrafted;
}

void AddAsked(const ParticipantCode& partner, pb::ErasureReach& reach) {
  const auto& asked = reach.asked();
  if (std::find(asked.begin(), asked.end(), partner.text()) == asked.end()) {
    reach.add_asked(partner.text());
  }
}

absl::StatusOr<pb::ErasureReach> ReachOf(const NodeContext& node,
                                         const StoreReader& store,
                                         const Traces& traces) {
  pb::ErasureReach reach;
  reach.set_consents(static_cast<uint32_t>(traces.facts.consents.size()));
  for (const ReferralRow& row : traces.referrals) {
    if (IsDraft(row)) {
      reach.set_drafts(reach.drafts() + 1);
      continue;
    }
    ASSIGN_OR_RETURN(const uint32_t waiting, CountWaiting(store, row));
    reach.set_waiting_events(reach.waiting_events() + waiting);
    if (!row.erased) reach.set_dossiers(reach.dossiers() + 1);
  }
  for (const SnapshotRow& row : traces.revisions) {
    reach.add_revisions(absl::StrCat(row.period, " revision ", row.revision));
  }
  ASSIGN_OR_RETURN(const std::vector<AttachmentRow> documents,
                   store.ListAttachments(traces.facts.case_id));
  reach.set_attachments(static_cast<uint32_t>(documents.size()));
  ASSIGN_OR_RETURN(
      const std::vector<LeafRow> entries,
      store.ReadLeavesAbout(OwnLogOrigin(node.self), traces.ids, 0, kAll));
  reach.set_log_entries(static_cast<uint32_t>(entries.size()));
  return reach;
}

absl::Status EraseReferral(NodeContext& node, const ReferralRow& row, Role role,
                           Partners partners, CommitScope& scope,
                           pb::ErasureReach& reach) {
  if (IsDraft(row)) {
    // One whose packet the partner refused is a draft again, with events.
    ASSIGN_OR_RETURN(const std::vector<EventRow> events,
                     scope.store().ReadEvents(row.referral_id));
    if (events.empty()) return scope.store().DeleteDraft(row.referral_id);
  }
  if (partners == Partners::kAsked) {
    ASSIGN_OR_RETURN(
        const bool written,
        WithdrawFromDossier(node, row.referral_id, NewUuid(node.random),
                            {true, {}}, role, scope));
    if (written) AddAsked(row.parties.receiver, reach);
  }
  return scope.store().EraseDossier(row.referral_id);
}

}  // namespace

absl::StatusOr<pb::ErasureReach> EraseOwnCase(NodeContext& node,
                                              const Tombstone& left,
                                              Partners partners,
                                              CommitScope& scope) {
  StoreTransaction& store = scope.store();
  ASSIGN_OR_RETURN(const Traces traces,
                   FindTraces(node, store, left.case_id, scope.now()));
  ASSIGN_OR_RETURN(pb::ErasureReach reach, ReachOf(node, store, traces));
  for (const ReferralRow& row : traces.referrals) {
    RETURN_IF_ERROR(
        EraseReferral(node, row, left.role, partners, scope, reach));
  }
  for (const SnapshotRow& row : traces.revisions) {
    RETURN_IF_ERROR(store.CloseSnapshot(row.period, row.revision));
  }
  RETURN_IF_ERROR(store
                      .ForgetSubjects(OwnLogOrigin(node.self), traces.ids,
                                      [](absl::string_view opening) {
                                        return WithoutPerson(opening);
                                      })
                      .status());
  ASSIGN_OR_RETURN(const int64_t oversight,
                   store.DeleteOversightAbout(traces.ids));
  reach.set_oversight(static_cast<uint32_t>(oversight));
  Tombstone tombstone = left;
  tombstone.organisation = traces.facts.organisation;
  tombstone.erased_at = scope.now();
  RETURN_IF_ERROR(store.EraseOwnCase(tombstone));
  return reach;
}

absl::Status AskWhoHoldsHerStill(NodeContext& node, const ReferralRow& referral,
                                 CommitScope& scope) {
  const auto left = scope.store().FindTombstone(referral.case_id.ToString());
  if (!left.ok() || left->ground == ErasureGround::kRetentionEnded) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Dossier dossier,
                   ReadDossier(scope.store(), referral.referral_id));
  const std::set<Uuid> seen = SeenByOther(node, dossier);
  const bool held =
      std::any_of(dossier.ordered.begin(), dossier.ordered.end(),
                  [&](const ReferralEvent& event) {
                    return event.kind == ReferralEventKind::kSent &&
                           (event.receipt == ReceiptOutcome::kStored ||
                            seen.contains(event.event_id));
                  });
  if (!held) return absl::OkStatus();
  return WithdrawFromDossier(node, referral.referral_id, NewUuid(node.random),
                             {true, {}}, Role::kUnset, scope)
      .status();
}

absl::StatusOr<pb::ErasureReach> ReachOfErasure(const NodeContext& node,
                                                const StoreReader& store,
                                                const Uuid& case_id,
                                                absl::Time now) {
  ASSIGN_OR_RETURN(const Traces traces, FindTraces(node, store, case_id, now));
  ASSIGN_OR_RETURN(pb::ErasureReach reach, ReachOf(node, store, traces));
  for (const ReferralRow& row : traces.referrals) {
    if (IsDraft(row)) continue;
    ASSIGN_OR_RETURN(const Dossier dossier,
                     ReadDossier(store, row.referral_id));
    if (!dossier.status.withdrawn) AddAsked(row.parties.receiver, reach);
  }
  return reach;
}

absl::StatusOr<pb::Erasure> ErasureViewOf(const NodeContext& node,
                                          const StoreReader& store,
                                          const Tombstone& left,
                                          absl::Time now) {
  pb::Erasure view;
  view.set_case_id(left.case_id.ToString());
  *view.mutable_erased_at() = ToProtoTime(left.erased_at);
  if (left.role != Role::kUnset) view.set_role(std::string(Name(left.role)));
  view.set_ground(std::string(Name(left.ground)));
  // All earlier links are gone, so the first one is the erasure's own.
  const std::string log = OwnLogOrigin(node.self);
  ASSIGN_OR_RETURN(const std::vector<LeafRow> entries,
                   store.ReadLeavesAbout(log, {left.case_id}, 0, 1));
  if (!entries.empty()) {
    view.set_log_entry_id(absl::StrCat(log, "#", entries[0].index));
    view.set_leaf_hash(LeafHash(entries[0].leaf));
  }
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> referrals,
                   store.ListReferralsOf(left.case_id));
  for (const ReferralRow& row : referrals) {
    ASSIGN_OR_RETURN(const Dossier dossier,
                     ReadDossier(store, row.referral_id));
    auto standing = WithdrawalStandingOf(dossier, now);
    if (standing.has_value()) *view.add_partners() = *std::move(standing);
  }
  return view;
}

}  // namespace comity
