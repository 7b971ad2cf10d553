#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/approvals.h"
#include "node/service/case_view.h"
#include "node/service/decision_state.h"
#include "node/service/dialogue.h"
#include "node/service/dossier_clock.h"
#include "node/service/dossier_event.h"
#include "node/service/dossier_step.h"
#include "node/service/federation_gate.h"
#include "node/service/officers.h"
#include "node/service/referral_steps.h"
#include "node/service/referral_view.h"
#include "node/wire/case_record.h"
#include "node/wire/event_wire.h"
#include "node/wire/proto_time.h"
#include "node/wire/referral_reason.h"

// How the holder drafts and sends a referral.
namespace comity {
namespace {

namespace pb = operators::v1;

// A draft is decided as if everybody who is asked had approved.
constexpr uint32_t kEverybody = UINT32_MAX;

RequestFacts PushFacts(const NodeContext& node, const ReferralRow& referral,
                       Role role, absl::Time now) {
  return {now,
          node.self,
          referral.parties.receiver,
          node.self,
          referral.parties.receiver,
          role,
          "",
          Operation::kReferralDeliver,
          referral.purpose,
          referral.basis,
          referral.agreement_id,
          referral.agreement_digest,
          kPacketGroups};
}

// The holder's decision about a packet that is to leave now.
Ruling DecidePush(const OperatorCall& call, const RequestFacts& request,
                  const CaseFacts& facts, const StateFacts& state) {
  return call.engine().Decide(
      call.caller(), request,
      ProjectFacts(facts, DossierStage::kDrafted, request), state, &facts);
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
  return RefusalInFull(decision);
}

absl::Status CheckCleared(const ReferralRow& referral, absl::Time now) {
  if (referral.clearance.has_value() && Stands(*referral.clearance, now)) {
    return absl::OkStatus();
  }
  return ReasonError(
      ErrorReason::kClearanceMissing,
      absl::StrCat("its risk is not cleared, or was assessed more than 30 days "
                   "ago; another person than ",
                   referral.drafted_by, " clears it: comity referral clear"));
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
  ASSIGN_OR_RETURN(row.reason, ReferralReasonCode(in.reason()));
  row.agreement_id = agreement->id;
  row.agreement_digest = agreement->digest;
  row.drafted_by = call.caller().OperatorName();
  row.created_at = call.now();
  row.state = ReferralState::kRiskCleared;
  const auto known = node.store.ReadPseudonym(row.case_id, receiver);
  row.pseudonym = known.ok() ? *known : NewUuid(node.random);
  return row;
}

// The terms of the whole referral, which is cleared. Whoever may be a child is
// one.
federation::v1::ReferralEventPayload SentPayload(
    const ReferralRow& referral, const CaseFacts& facts,
    const ReferralDeadlines& deadlines) {
  federation::v1::ReferralEventPayload payload;
  payload.set_kind(federation::v1::REFERRAL_EVENT_KIND_SENT);
  ReferralTerms terms;
  terms.travels = referral.purpose == Purpose::kSafeReturn;
  terms.child = facts.age != AgeClass::kAdult;
  terms.vital_interest = referral.basis == LegalBasis::kVitalInterest;
  terms.deadlines = deadlines;
  auto* packet = payload.mutable_packet();
  FormatTerms(terms, *packet);
  packet->set_risk(
      static_cast<federation::v1::RiskLevel>(referral.clearance->risk));
  if (referral.clearance->reflection_ends_at.has_value()) {
    *packet->mutable_reflection_ends_at() =
        ToProtoTime(*referral.clearance->reflection_ends_at);
  }
  return payload;
}

// One referral on its way out, in its transaction.
struct Push {
  const ReferralRow& referral;
  const Uuid& event_id;
  RequestFacts request;
  std::string officer;  // pseudonym
  FoundApproval approval;
  Ruling ruling;

  ApprovalBinding Binding(const OperatorCall& call) const {
    return {ApprovalMatter::kSendReferral, referral.referral_id, request,
            call.caller().OperatorName()};
  }
};

// What sending came to: a packet that left, or a request for approvals.
struct Sent {
  FieldGroups released;
  std::optional<ApprovalRequest> waits;
};

absl::Status WritePacket(OperatorCall& call, const Push& push,
                         CommitScope& scope) {
  NodeContext& node = call.node();
  const Permit& permit = *push.ruling.permit;
  ASSIGN_OR_RETURN(const StoredCase stored,
                   scope.store().ReadCase(permit, push.referral.case_id));
  ASSIGN_OR_RETURN(const record::v1::CaseRecord record,
                   ParseRecord(stored.body));
  ASSIGN_OR_RETURN(const Dossier dossier,
                   ReadDossier(scope.store(), push.referral.referral_id));
  const ReferralRow& referral = push.referral;
  // It was decided under this one.
  const Agreement* agreement = call.engine().set().Find(
      referral.agreement_id, referral.agreement_digest);
  if (agreement == nullptr) {
    return ReasonError(ErrorReason::kInternal, "the agreement is gone");
  }
  ASSIGN_OR_RETURN(
      NewEvent event,
      BeginEvent(node, dossier, push.event_id,
                 SentPayload(referral, stored.facts, agreement->deadlines),
                 push.request.role, scope.now()));
  auto* packet = event.payload.mutable_packet();
  packet->set_agreement_id(referral.agreement_id);
  packet->set_agreement_digest(referral.agreement_digest);
  packet->set_purpose(std::string(Name(referral.purpose)));
  packet->set_reason(referral.reason);
  packet->set_basis(std::string(Name(referral.basis)));
  packet->set_pseudonym(referral.pseudonym.ToBytes());
  packet->set_officer_pseudonym(push.officer);
  AddApprovers(node.officer_key, referral.parties.receiver, push.approval,
               packet->mutable_approver_pseudonyms());
  const Decision& decision = push.ruling.decision;
  *packet->mutable_terms() = TermsOf(permit, decision.break_glass);
  AddFields(permit, record, node.random, packet->mutable_fields(),
            event.openings);
  call.AddNote({referral.parties.receiver, true, "RELEASED",
                decision.duties.notify, stored.facts.owner,
                decision.break_glass, referral.agreement_id, referral.case_id});
  return WriteEvent(node, dossier, event, scope);
}

// Decided inside the committing transaction: consent, flags, policy, approvals
// and emergencies are those of that instant.
absl::StatusOr<Sent> SendNow(OperatorCall& call, const Uuid& referral_id,
                             const Uuid& event_id, CommitScope& scope) {
  NodeContext& node = call.node();
  StoreTransaction& store = scope.store();
  const CompiledPolicy& policy = call.engine().policy();
  call.SetRequestId(event_id);
  ASSIGN_OR_RETURN(const ReferralRow referral, store.ReadReferral(referral_id));
  ASSIGN_OR_RETURN(const CaseFacts facts, store.ReadFacts(referral.case_id));
  RETURN_IF_ERROR(CheckCleared(referral, scope.now()));
  Push push{referral, event_id,
            PushFacts(node, referral, ActingRole(call, &facts), call.now()),
            OfficerPseudonym(node.officer_key, referral.parties.receiver,
                             call.caller().OperatorName())};
  ASSIGN_OR_RETURN(push.approval, FindApproval(store, push.Binding(call),
                                               event_id, scope.now()));
  ASSIGN_OR_RETURN(StateFacts state,
                   ReadState(policy, push.request, push.officer, store));
  state.approvals = state.approvals_at_home = GivenIn(push.approval);
  push.ruling = DecidePush(call, push.request, facts, state);
  const Decision& decision = push.ruling.decision;
  call.SetDetail(StepDetail(
      call, DescribeDecision(call.engine(), push.request.operation, decision),
      push.request.role));
  Sent sent;
  if (decision.outcome == Outcome::kHold) {
    ASSIGN_OR_RETURN(
        sent.waits, AskForApproval(push.Binding(call), push.approval,
                                   state.approvals + decision.approvals_missing,
                                   scope.now(), node.random, store));
    return sent;
  }
  if (!push.ruling.permit.has_value()) return Explain(decision, facts);
  sent.released = push.ruling.permit->groups();
  RETURN_IF_ERROR(WritePacket(call, push, scope));
  RETURN_IF_ERROR(UseApproval(push.approval, event_id, store));
  RETURN_IF_ERROR(ChargeLimits(policy, push.request, decision, push.officer,
                               scope.now(), store));
  return sent;
}

}  // namespace

absl::Status HandleCreateReferral(OperatorCall& call,
                                  const pb::CreateReferralRequest& request,
                                  pb::CreateReferralResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  ASSIGN_OR_RETURN(const ReferralRow row, NewReferral(call, request, permit));
  ASSIGN_OR_RETURN(const CaseFacts facts, node.store.ReadFacts(row.case_id));
  // Pre-flight as the coordinator who will send it, once all approved.
  const RequestFacts push =
      PushFacts(node, row, Role::kCoordinator, call.now());
  ASSIGN_OR_RETURN(StateFacts state,
                   ReadState(call.engine().policy(), push, "", node.store));
  state.approvals = state.approvals_at_home = kEverybody;
  const Ruling ruling = DecidePush(call, push, facts, state);
  if (!ruling.permit.has_value()) return Explain(ruling.decision, facts);
  call.SetPeer(row.parties.receiver);
  call.AddAbout(row.referral_id);
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
        RETURN_IF_ERROR(scope.store().SetReferralState(
            row.referral_id, {row.state, DraftEnds(node, row)}));
        return ShowReferral(call, scope, row.referral_id,
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
  Sent sent;
  RETURN_IF_ERROR(
      call.Commit([&](CommitScope& scope) -> absl::Status {
            ASSIGN_OR_RETURN(
                sent, SendNow(call, referral.referral_id, event_id, scope));
            if (sent.waits.has_value()) {
              call.ExpectRepeat();
              return absl::OkStatus();
            }
            AddGroups(sent.released, response.mutable_released());
            return ShowReferral(call, scope, referral.referral_id,
                                *response.mutable_referral());
          })
          .status());
  if (sent.waits.has_value()) return ApprovalsMissing(*sent.waits);
  return absl::OkStatus();
}

}  // namespace comity
