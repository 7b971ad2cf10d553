#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/answer_ruling.h"
#include "node/service/case_view.h"
#include "node/service/decision_state.h"
#include "node/service/dialogue.h"
#include "node/service/dossier_step.h"
#include "node/service/federation_gate.h"
#include "node/service/info_exchange.h"
#include "node/service/officers.h"
#include "node/service/referral_step_handlers.h"
#include "node/service/referral_steps.h"
#include "node/service/referral_view.h"
#include "node/wire/case_record.h"

// Questions before the decision, and their answers.
namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;
using Payload = fed::ReferralEventPayload;

// Puts into the answer what is released, and what is not.
absl::Status Fill(OperatorCall& call, const Answering& reply,
                  CommitScope& scope, FieldGroups asked,
                  fed::InfoAnswer& answer,
                  std::vector<FieldOpening>& openings) {
  FieldGroups told;
  if (reply.ruling.permit.has_value()) {
    const Permit& permit = *reply.ruling.permit;
    told = permit.groups();
    ASSIGN_OR_RETURN(const StoredCase stored,
                     scope.store().ReadCase(permit, reply.facts.case_id));
    ASSIGN_OR_RETURN(const record::v1::CaseRecord record,
                     ParseRecord(stored.body));
    AddFields(permit, record, call.node().random, answer.mutable_fields(),
              openings);
    *answer.mutable_terms() =
        TermsOf(permit, reply.ruling.decision.break_glass);
    if (GivenIn(reply.approval) > 0) {
      NodeContext& node = call.node();
      answer.set_officer_pseudonym(OfficerPseudonym(
          node.officer_key, reply.request.asker, call.caller().OperatorName()));
      AddApprovers(node.officer_key, reply.request.asker, reply.approval,
                   answer.mutable_approver_pseudonyms());
    }
  }
  AddGroups(asked.Minus(told), answer.mutable_refused());
  return absl::OkStatus();
}

// What a release is charged to and whom it tells.
absl::Status Charge(OperatorCall& call, const Answering& reply,
                    CommitScope& scope) {
  if (!reply.ruling.permit.has_value()) return absl::OkStatus();
  const Decision& decision = reply.ruling.decision;
  call.AddNote({reply.request.asker, true, "RELEASED", decision.duties.notify,
                reply.facts.owner, decision.break_glass,
                reply.request.agreement_id, reply.facts.case_id});
  RETURN_IF_ERROR(UseApproval(reply.approval, reply.event_id, scope.store()));
  return ChargeLimits(call.engine().policy(), reply.request, decision, "",
                      scope.now(), scope.store());
}

// What answering came to: groups that left, or a request for approvals.
struct Sent {
  FieldGroups told;
  std::optional<ApprovalRequest> waits;
};

absl::StatusOr<Sent> AnswerNow(OperatorCall& call, const Dossier& dossier,
                               const Uuid& event_id, FieldGroups withheld,
                               CommitScope& scope) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Questioned asked, LastQuestion(dossier));
  // The moment is judged before the record is.
  Payload payload;
  payload.set_kind(fed::REFERRAL_EVENT_KIND_INFO_ANSWERED);
  payload.mutable_info_answer();
  RETURN_IF_ERROR(BeginStep(call, dossier, event_id, payload, scope).status());
  const FieldGroups wanted =
      asked.groups.Intersect(kAnswerGroups).Minus(withheld);
  // Nobody at the receiver approved the question.
  Answering reply{dossier, event_id, Approvers::kOwnPeople,
                  AnswerFacts(node, call.engine(), dossier.row, asked.role,
                              wanted, scope.now())};
  ASSIGN_OR_RETURN(reply.facts, scope.store().ReadFacts(dossier.row.case_id));
  Sent sent;
  if (!wanted.empty()) {
    ASSIGN_OR_RETURN(sent.waits, RuleOnAnswer(call, reply, scope));
    if (sent.waits.has_value()) return sent;
  }
  std::vector<FieldOpening> openings;
  RETURN_IF_ERROR(Fill(call, reply, scope, asked.groups,
                       *payload.mutable_info_answer(), openings));
  ASSIGN_OR_RETURN(NewEvent event,
                   BeginStep(call, dossier, event_id, payload, scope));
  event.openings = std::move(openings);
  RETURN_IF_ERROR(WriteEvent(node, dossier, event, scope));
  RETURN_IF_ERROR(Charge(call, reply, scope));
  if (reply.ruling.permit.has_value()) {
    sent.told = reply.ruling.permit->groups();
  }
  call.SetDetail(absl::StrCat(
      "INFO_ANSWERED ", DescribeDecision(call.engine(), reply.request.operation,
                                         reply.ruling.decision)));
  return sent;
}

}  // namespace

absl::Status HandleRequestInfo(OperatorCall& call,
                               const pb::RequestInfoRequest& request,
                               pb::RequestInfoResponse& response) {
  const FieldGroups groups = ParseGroups(request.groups());
  if (groups.empty() || !groups.IsSubsetOf(kAnswerGroups)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "before acceptance only CASE_REF, STATUS, DEMOGRAPHIC, "
                       "NEEDS, EXPLOITATION, MEDICAL and MIGRATION can be "
                       "asked for; accept it and use comity query for more");
  }
  Payload payload;
  payload.set_kind(fed::REFERRAL_EVENT_KIND_INFO_REQUESTED);
  AddGroups(groups, payload.mutable_info_request()->mutable_groups());
  return TakeStep(call, request.request_id(), request.referral_id(),
                  std::move(payload), *response.mutable_referral());
}

absl::Status HandleAnswerInfo(OperatorCall& call,
                              const pb::AnswerInfoRequest& request,
                              pb::AnswerInfoResponse& response) {
  ASSIGN_OR_RETURN(const Uuid event_id, Uuid::Parse(request.request_id()));
  ASSIGN_OR_RETURN(const ReferralRow referral,
                   FindReferral(call, request.referral_id()));
  if (referral.case_id.IsNil()) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "this referral came from a partner; its holder answers");
  }
  call.SetPeer(referral.parties.receiver);
  Sent sent;
  RETURN_IF_ERROR(
      call.Commit([&](CommitScope& scope) -> absl::Status {
            ASSIGN_OR_RETURN(const Dossier dossier,
                             ReadDossier(scope.store(), referral.referral_id));
            ASSIGN_OR_RETURN(sent,
                             AnswerNow(call, dossier, event_id,
                                       ParseGroups(request.withhold()), scope));
            if (sent.waits.has_value()) {
              call.ExpectRepeat();
              return absl::OkStatus();
            }
            AddGroups(sent.told, response.mutable_told());
            ASSIGN_OR_RETURN(const Questioned asked, LastQuestion(dossier));
            AddGroups(asked.groups.Minus(sent.told),
                      response.mutable_refused());
            return ShowReferral(call, scope, referral.referral_id,
                                *response.mutable_referral());
          })
          .status());
  if (sent.waits.has_value()) return ApprovalsMissing(*sent.waits);
  return absl::OkStatus();
}

}  // namespace comity
