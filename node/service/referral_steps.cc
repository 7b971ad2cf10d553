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

constexpr FieldGroups kPacketGroups = {
    FieldGroup::kCaseRef, FieldGroup::kStatus, FieldGroup::kDemographic,
    FieldGroup::kNeeds};

// The holder's decision about a packet that is to leave now.
Ruling DecidePush(const OperatorCall& call, const NodeContext& node,
                  const ReferralRow& referral, const CaseFacts& facts,
                  Operation operation, Role role) {
  const RequestFacts request{call.now(),
                             node.self,
                             referral.parties.receiver,
                             node.self,
                             referral.parties.receiver,
                             role,
                             "",
                             operation,
                             referral.purpose,
                             referral.basis,
                             referral.agreement_id,
                             referral.agreement_digest,
                             kPacketGroups};
  return call.engine().Decide(
      call.caller(), request,
      ProjectFacts(facts, DossierStage::kDrafted, request), StateFacts(),
      &facts);
}

// At home the reason is told in full: it is the own record.
absl::Status Explain(const Decision& decision, const CaseFacts& facts) {
  if (!facts.screening.has_value()) {
    return ReasonError(ErrorReason::kScreeningMissing,
                       "the case has no danger screening; record one with "
                       "comity case screen");
  }
  if (decision.private_reason == PrivateReason::kNoConditionHolds) {
    return ReasonError(ErrorReason::kConsentMissing,
                       "no live consent covers case reference, status, "
                       "demographics or needs for this receiver and purpose; "
                       "record it with comity consent record");
  }
  return ReasonError(
      decision.reason,
      absl::StrCat("policy refuses: ",
                   decision.private_reason == PrivateReason::kNone
                       ? ReasonName(decision.reason)
                       : Name(decision.private_reason)));
}

absl::StatusOr<ReferralRow> NewReferral(OperatorCall& call,
                                        const pb::CreateReferralRequest& in,
                                        const Permit& permit) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(in.request_id()));
  ASSIGN_OR_RETURN(ParticipantCode receiver,
                   ParticipantCode::Create(in.receiver()));
  if (node.partners.Get()->Find(receiver) == nullptr) {
    return ReasonError(ErrorReason::kPartnerUnknown,
                       receiver.text() + " is no partner; add its card first");
  }
  ASSIGN_OR_RETURN(
      const Agreement* agreement,
      ChooseAgreement(call.engine(), in.agreement_id(), node.self, receiver,
                      Operation::kReferralDeliver, call.now()));
  ReferralRow row{id, {node.self, receiver}, *permit.case_id()};
  row.purpose = FromName<Purpose>(in.purpose());
  row.basis = in.basis().empty() ? LegalBasis::kConsent
                                 : FromName<LegalBasis>(in.basis());
  if (row.purpose == Purpose::kUnset || row.basis == LegalBasis::kUnset) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the purpose or the legal basis is not a word of the "
                       "policy vocabulary, such as SAFE_RETURN and CONSENT");
  }
  row.agreement_id = agreement->id;
  row.agreement_digest = agreement->digest;
  row.drafted_by = call.caller().OperatorName();
  row.created_at = call.now();
  row.state = ReferralState::kCleared;
  const auto known = node.store.ReadPseudonym(row.case_id, receiver);
  row.pseudonym = known.ok() ? *known : NewUuid(node.random);
  return row;
}

// Splits the released record into one opening per group, and commits to each.
absl::Status FillPacket(NodeContext& node, const ReferralRow& referral,
                        const Permit& permit,
                        const record::v1::CaseRecord& record, NewEvent& event) {
  auto* packet = event.payload.mutable_packet();
  packet->set_agreement_id(referral.agreement_id);
  packet->set_agreement_digest(referral.agreement_digest);
  packet->set_purpose(std::string(Name(referral.purpose)));
  packet->set_basis(std::string(Name(referral.basis)));
  packet->set_pseudonym(referral.pseudonym.ToBytes());
  for (int i = 1; i <= 16; ++i) {
    const auto group = static_cast<FieldGroup>(i);
    if (!permit.groups().Contains(group)) continue;
    record::v1::CaseRecord part = record;
    RedactRecord({group}, permit.duties().redact, part);
    FieldOpening opening{group, node.random.Bytes(32),
                         part.SerializeAsString()};
    auto* field = packet->add_fields();
    field->set_group(static_cast<v1::RecordGroup>(i));
    field->set_commitment(
        CommitField(opening.salt, static_cast<uint8_t>(i), opening.value));
    event.openings.push_back(std::move(opening));
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

// Shows the referral as the transaction leaves it.
absl::Status ShowReferral(const NodeContext& node, CommitScope& scope,
                          const Uuid& id, pb::Referral& view) {
  ASSIGN_OR_RETURN(const ReferralRow row, scope.store().ReadReferral(id));
  ASSIGN_OR_RETURN(view, ReferralViewOf(node.self, scope.store(), row));
  return absl::OkStatus();
}

// Writes the receiver's decision and answers with the referral as it is then.
absl::Status Decide(OperatorCall& call, const std::string& request_id,
                    const std::string& referral_id, ReferralEventKind kind,
                    const std::function<void(NewEvent&)>& fill,
                    pb::Referral& view) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Uuid event_id, Uuid::Parse(request_id));
  ASSIGN_OR_RETURN(const ReferralRow referral, FindReferral(call, referral_id));
  call.SetPeer(referral.parties.holder);
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        ASSIGN_OR_RETURN(const ReferralRow current,
                         scope.store().ReadReferral(referral.referral_id));
        ASSIGN_OR_RETURN(NewEvent event,
                         BeginEvent(node, scope.store(), current, event_id,
                                    kind, call.caller().role, scope.now()));
        fill(event);
        RETURN_IF_ERROR(WriteEvent(node, current, event, scope));
        return ShowReferral(node, scope, referral.referral_id, view);
      })
      .status();
}

}  // namespace

absl::Status HandleCreateReferral(OperatorCall& call,
                                  const pb::CreateReferralRequest& request,
                                  pb::CreateReferralResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  ASSIGN_OR_RETURN(const ReferralRow row, NewReferral(call, request, permit));
  ASSIGN_OR_RETURN(const CaseFacts facts, node.store.ReadFacts(row.case_id));
  // Pre-flight as the coordinator who will send it.
  const Ruling ruling = DecidePush(
      call, node, row, facts, Operation::kReferralDeliver, Role::kCoordinator);
  if (!ruling.permit.has_value()) return Explain(ruling.decision, facts);
  call.SetPeer(row.parties.receiver);
  AddGroups(ruling.permit->groups(), response.mutable_would_release());
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        const auto known =
            scope.store().ReadPseudonym(row.case_id, row.parties.receiver);
        if (!known.ok()) {
          RETURN_IF_ERROR(scope.store().PutPseudonym(
              row.case_id, row.parties.receiver, row.pseudonym));
        }
        RETURN_IF_ERROR(scope.store().InsertReferral(row));
        return ShowReferral(node, scope, row.referral_id,
                            *response.mutable_referral());
      })
      .status();
}

absl::Status HandleSendReferral(OperatorCall& call,
                                const pb::SendReferralRequest& request,
                                pb::SendReferralResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Uuid event_id, Uuid::Parse(request.request_id()));
  ASSIGN_OR_RETURN(const ReferralRow referral,
                   FindReferral(call, request.referral_id()));
  if (referral.parties.holder != node.self) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "this referral came from a partner; accept or decline");
  }
  call.SetPeer(referral.parties.receiver);
  // Decided inside the committing transaction: consent, flags and policy are
  // those of that instant.
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        ASSIGN_OR_RETURN(const ReferralRow current,
                         scope.store().ReadReferral(referral.referral_id));
        ASSIGN_OR_RETURN(const CaseFacts facts,
                         scope.store().ReadFacts(current.case_id));
        const Ruling ruling =
            DecidePush(call, node, current, facts, Operation::kReferralDeliver,
                       call.caller().role);
        if (!ruling.permit.has_value()) return Explain(ruling.decision, facts);
        ASSIGN_OR_RETURN(
            const StoredCase stored,
            scope.store().ReadCase(*ruling.permit, current.case_id));
        ASSIGN_OR_RETURN(const record::v1::CaseRecord record,
                         ParseRecord(stored.body));
        ASSIGN_OR_RETURN(NewEvent event,
                         BeginEvent(node, scope.store(), current, event_id,
                                    ReferralEventKind::kSent,
                                    call.caller().role, scope.now()));
        RETURN_IF_ERROR(
            FillPacket(node, current, *ruling.permit, record, event));
        call.SetDetail(DescribeDecision(
            call.engine(), Operation::kReferralDeliver, ruling.decision));
        RETURN_IF_ERROR(WriteEvent(node, current, event, scope));
        AddGroups(ruling.permit->groups(), response.mutable_released());
        return ShowReferral(node, scope, referral.referral_id,
                            *response.mutable_referral());
      })
      .status();
}

absl::Status HandleAcceptReferral(OperatorCall& call,
                                  const pb::AcceptReferralRequest& request,
                                  pb::AcceptReferralResponse& response) {
  return Decide(
      call, request.request_id(), request.referral_id(),
      ReferralEventKind::kAccepted,
      [&](NewEvent& event) {
        auto* acceptance = event.payload.mutable_acceptance();
        acceptance->set_case_manager(request.case_manager().empty()
                                         ? call.caller().organisation
                                         : request.case_manager());
        *acceptance->mutable_services_offered() = request.services_offered();
      },
      *response.mutable_referral());
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
  return Decide(
      call, request.request_id(), request.referral_id(),
      ReferralEventKind::kDeclined,
      [&](NewEvent& event) {
        event.payload.mutable_decline()->set_reason(reason);
      },
      *response.mutable_referral());
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
  ASSIGN_OR_RETURN(const std::vector<EventRow> rows,
                   node.store.ReadEvents(row.referral_id));
  std::map<Uuid, const EventRow*> by_id;
  std::vector<ReferralEvent> events;
  for (const EventRow& each : rows) {
    by_id[each.event.event_id] = &each;
    events.push_back(each.event);
  }
  for (const ReferralEvent& event : OrderEvents(events)) {
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
    if (event.kind != ReferralEventKind::kSent || !row.case_id.IsNil())
      continue;
    ASSIGN_OR_RETURN(const EventRow full,
                     node.store.ReadEventOpenings(permit, event.event_id));
    ASSIGN_OR_RETURN(const std::vector<FieldOpening> openings,
                     ParseOpenings(full.openings));
    for (const FieldOpening& opening : openings) {
      ASSIGN_OR_RETURN(const record::v1::CaseRecord part,
                       ParseRecord(opening.value));
      response.mutable_packet()->MergeFrom(part);
    }
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
  if (holder && row.state == ReferralState::kCleared) {
    view.add_next_steps("send");
  } else if (!holder && row.state == ReferralState::kSent) {
    view.add_next_steps("accept");
    view.add_next_steps("decline");
  }
  return view;
}

}  // namespace comity
