#include "node/service/referral_steps.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/case_view.h"
#include "node/service/dialogue.h"
#include "node/service/dossier_event.h"
#include "node/service/federation_gate.h"
#include "node/wire/case_record.h"
#include "node/wire/event_wire.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

using Payload = federation::v1::ReferralEventPayload;

// Writes one step and answers with the referral as it is then.
absl::Status Step(OperatorCall& call, const std::string& request_id,
                  const std::string& referral_id, Payload payload,
                  pb::Referral& view) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Uuid event_id, Uuid::Parse(request_id));
  ASSIGN_OR_RETURN(const ReferralRow referral, FindReferral(call, referral_id));
  call.SetPeer(referral.parties.holder == node.self ? referral.parties.receiver
                                                    : referral.parties.holder);
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        ASSIGN_OR_RETURN(const Dossier dossier,
                         ReadDossier(scope.store(), referral.referral_id));
        ASSIGN_OR_RETURN(const NewEvent event,
                         BeginEvent(node, dossier, event_id, std::move(payload),
                                    call.caller().role, scope.now()));
        RETURN_IF_ERROR(WriteEvent(node, dossier, event, scope));
        return ShowReferral(node, scope, referral.referral_id, view);
      })
      .status();
}

}  // namespace

absl::Status HandleAcceptReferral(OperatorCall& call,
                                  const pb::AcceptReferralRequest& request,
                                  pb::AcceptReferralResponse& response) {
  Payload payload;
  payload.set_kind(federation::v1::REFERRAL_EVENT_KIND_ACCEPTED);
  auto* acceptance = payload.mutable_acceptance();
  acceptance->set_case_manager(request.case_manager().empty()
                                   ? call.caller().organisation
                                   : request.case_manager());
  *acceptance->mutable_services_offered() = request.services_offered();
  return Step(call, request.request_id(), request.referral_id(),
              std::move(payload), *response.mutable_referral());
}

absl::Status HandleDeclineReferral(OperatorCall& call,
                                   const pb::DeclineReferralRequest& request,
                                   pb::DeclineReferralResponse& response) {
  federation::v1::DeclineReason reason{};
  if (!federation::v1::DeclineReason_Parse(
          absl::StrCat("DECLINE_REASON_", request.reason()), &reason) ||
      reason == federation::v1::DECLINE_REASON_UNSPECIFIED) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the reason is NO_CAPACITY, UNSAFE, NOT_ELIGIBLE, "
                       "OUTSIDE_AGREEMENT or OTHER");
  }
  Payload payload;
  payload.set_kind(federation::v1::REFERRAL_EVENT_KIND_DECLINED);
  payload.mutable_decline()->set_reason(reason);
  return Step(call, request.request_id(), request.referral_id(),
              std::move(payload), *response.mutable_referral());
}

absl::Status HandleGetReferral(OperatorCall& call,
                               const pb::GetReferralRequest& request,
                               pb::GetReferralResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const ReferralRow row,
                   FindReferral(call, request.referral_id()));
  ASSIGN_OR_RETURN(*response.mutable_referral(),
                   ReferralViewOf(node.self, node.store, row));
  ASSIGN_OR_RETURN(const Permit permit, call.PermitAll());
  ASSIGN_OR_RETURN(const Dossier dossier,
                   ReadDossier(node.store, row.referral_id));
  std::map<Uuid, const EventRow*> by_id;
  for (const EventRow& each : dossier.rows) by_id[each.event.event_id] = &each;
  for (const ReferralEvent& event : dossier.ordered) {
    const EventRow& stored = *by_id.at(event.event_id);
    auto* entry = response.add_history();
    entry->set_event_id(event.event_id.ToString());
    entry->set_author(event.author.text());
    entry->set_kind(std::string(Name(event.kind)));
    *entry->mutable_occurred_at() = ToProtoTime(event.occurred_at);
    entry->set_log_index(stored.leaf_index);
    federation::v1::EventReceipt receipt;
    if (receipt.ParseFromString(stored.receipt_payload) &&
        receipt.has_delivered()) {
      *entry->mutable_delivered_at() = receipt.delivered().delivered_at();
    } else if (receipt.has_refusal()) {
      entry->set_summary(absl::StrCat("refused: ", receipt.refusal().reason()));
    }
    if (event.kind != ReferralEventKind::kSent || !row.case_id.IsNil()) {
      continue;
    }
    if (!row.PacketReadable(call.now())) {
      entry->set_summary("the packet is erased: its time ended");
      continue;
    }
    ASSIGN_OR_RETURN(*response.mutable_packet(),
                     ReadPacket(node, permit, event.event_id));
  }
  return absl::OkStatus();
}

absl::Status HandleListReferrals(OperatorCall& call,
                                 const pb::ListReferralsRequest& request,
                                 pb::ListReferralsResponse& response) {
  NodeContext& node = call.node();
  const int size =
      request.page_size() <= 0 ? 50 : std::min(request.page_size(), 500);
  absl::Time before = absl::InfiniteFuture();
  if (!request.page_token().empty() &&
      !absl::ParseTime(absl::RFC3339_full, request.page_token(), &before,
                       nullptr)) {
    return ReasonError(ErrorReason::kFieldInvalid, "the page token is broken");
  }
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> rows,
                   node.store.ListReferrals(before, size));
  for (const ReferralRow& row : rows) {
    if (!row.case_id.IsNil() && !call.PermitCase(row.case_id.ToString()).ok()) {
      continue;
    }
    ASSIGN_OR_RETURN(pb::Referral view,
                     ReferralViewOf(node.self, node.store, row));
    if (request.waiting_only() && view.next_steps().empty()) continue;
    *response.add_referrals() = std::move(view);
  }
  if (static_cast<int>(rows.size()) == size) {
    response.set_next_page_token(absl::FormatTime(
        absl::RFC3339_full, rows.back().created_at, absl::UTCTimeZone()));
  }
  return absl::OkStatus();
}

absl::StatusOr<ReferralRow> FindReferral(OperatorCall& call,
                                         const std::string& referral_id) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(referral_id));
  ASSIGN_OR_RETURN(ReferralRow row, call.node().store.ReadReferral(id));
  // At the holder a referral is as visible as its case.
  if (!row.case_id.IsNil()) {
    RETURN_IF_ERROR(call.PermitCase(row.case_id.ToString()).status());
  }
  return row;
}

absl::StatusOr<record::v1::CaseRecord> ReadPacket(const NodeContext& node,
                                                  const Permit& permit,
                                                  const Uuid& event_id) {
  record::v1::CaseRecord packet;
  ASSIGN_OR_RETURN(const EventRow full,
                   node.store.ReadEventOpenings(permit, event_id));
  ASSIGN_OR_RETURN(const std::vector<FieldOpening> openings,
                   ParseOpenings(full.openings));
  for (const FieldOpening& opening : openings) {
    ASSIGN_OR_RETURN(const record::v1::CaseRecord part,
                     ParseRecord(opening.value));
    packet.MergeFrom(part);
  }
  return packet;
}

absl::Status ShowReferral(const NodeContext& node, CommitScope& scope,
                          const Uuid& id, pb::Referral& view) {
  ASSIGN_OR_RETURN(const ReferralRow row, scope.store().ReadReferral(id));
  ASSIGN_OR_RETURN(view, ReferralViewOf(node.self, scope.store(), row));
  return absl::OkStatus();
}

absl::StatusOr<pb::Referral> ReferralViewOf(const ParticipantCode& self,
                                            const ReferralReader& store,
                                            const ReferralRow& row) {
  pb::Referral view;
  view.set_referral_id(row.referral_id.ToString());
  view.set_holder(row.parties.holder.text());
  view.set_receiver(row.parties.receiver.text());
  view.set_state(std::string(Name(row.state)));
  view.set_purpose(std::string(Name(row.purpose)));
  view.set_agreement_id(row.agreement_id);
  view.set_pseudonym(row.pseudonym.ToString());
  if (!row.case_id.IsNil()) view.set_case_id(row.case_id.ToString());
  *view.mutable_created_at() = ToProtoTime(row.created_at);
  if (row.erase_at != absl::InfiniteFuture()) {
    *view.mutable_erase_at() = ToProtoTime(row.erase_at);
  }
  view.set_no_onward_transfer(row.no_onward_transfer);
  view.set_erased(row.erased);
  ASSIGN_OR_RETURN(const std::vector<EventRow> events,
                   store.ReadEvents(row.referral_id));
  uint32_t undelivered = 0;
  for (const EventRow& event : events) {
    if (event.event.author == self && event.receipt_leaf.empty()) {
      ++undelivered;
    }
  }
  view.set_undelivered_events(undelivered);
  const bool holder = row.parties.holder == self;
  if (holder && row.state == ReferralState::kRiskCleared) {
    view.add_next_steps("send");
  } else if (!holder && (row.state == ReferralState::kSent ||
                         row.state == ReferralState::kReceived)) {
    view.add_next_steps("accept");
    view.add_next_steps("decline");
  }
  return view;
}

}  // namespace comity
