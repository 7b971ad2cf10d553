#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/policy/judge.h"
#include "node/service/approvals.h"
#include "node/service/case_view.h"
#include "node/service/dialogue.h"
#include "node/service/dossier_step.h"
#include "node/service/log_detail.h"
#include "node/service/officers.h"
#include "node/service/referral_steps.h"

namespace comity {
namespace {

namespace pb = operators::v1;

// A question of an own officer's before it leaves.
struct Draft {
  Uuid message;
  Uuid pseudonym;
  RequestFacts request;
  std::string officer;  // operator name

  ApprovalBinding Binding() const {
    return {ApprovalMatter::kAskCase, pseudonym, request, officer};
  }
};

absl::StatusOr<Uuid> PseudonymOf(const NodeContext& node,
                                 const pb::RequestCaseRequest& request) {
  if (!request.pseudonym().empty()) return Uuid::Parse(request.pseudonym());
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(request.referral_id()));
  ASSIGN_OR_RETURN(const ReferralRow row, node.store.ReadReferral(id));
  return row.pseudonym;
}

absl::StatusOr<Draft> ReadDraft(const OperatorCall& call,
                                const pb::RequestCaseRequest& request) {
  const NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Uuid message, Uuid::Parse(request.request_id()));
  ASSIGN_OR_RETURN(const ParticipantCode holder,
                   ParticipantCode::Create(request.holder()));
  ASSIGN_OR_RETURN(const Uuid pseudonym, PseudonymOf(node, request));
  const FieldGroups wanted = ParseGroups(request.wanted());
  const Operation operation = wanted.Contains(FieldGroup::kIdentity)
                                  ? Operation::kIdentityRelease
                                  : Operation::kCaseQuery;
  ASSIGN_OR_RETURN(const Agreement* agreement,
                   ChooseAgreement(call.engine(), request.agreement_id(),
                                   holder, node.self, operation, call.now()));
  const LegalBasis basis = request.basis().empty()
                               ? LegalBasis::kConsent
                               : FromName<LegalBasis>(request.basis());
  return Draft{message,
               pseudonym,
               {call.now(), node.self, holder, holder, node.self,
                ActingRole(call, nullptr), call.caller().organisation,
                operation, FromName<Purpose>(request.purpose()), basis,
                agreement->id, agreement->digest, wanted},
               call.caller().OperatorName()};
}

std::string PayloadOf(const NodeContext& node, const Draft& draft,
                      const pb::RequestCaseRequest& request,
                      const FoundApproval& approval) {
  const RequestFacts& facts = draft.request;
  federation::v1::CaseQuestion question;
  question.set_agreement_id(facts.agreement_id);
  question.set_agreement_digest(facts.agreement_digest);
  question.set_purpose(request.purpose());
  question.set_basis(request.basis().empty() ? "CONSENT" : request.basis());
  question.set_role(std::string(Name(facts.role)));
  question.set_organisation(facts.organisation);
  question.set_pseudonym(draft.pseudonym.ToBytes());
  question.set_referral_id(request.referral_id());
  AddGroups(facts.wanted, question.mutable_wanted());
  question.set_officer_pseudonym(
      OfficerPseudonym(node.officer_key, facts.holder, draft.officer));
  AddApprovers(node.officer_key, facts.holder, approval,
               question.mutable_approver_pseudonyms());
  return question.SerializeAsString();
}

// An approval covers an answer: where none came it is good for another
// question, and the call ends with the partner's silence.
absl::Status EndUnanswered(OperatorCall& call, const Draft& draft,
                           const FoundApproval& approval,
                           const absl::Status& silence) {
  if (!approval.has_value() || !NoAnswerCame(silence)) return silence;
  call.SetDetail(absl::StrCat("REFUSED ", ReasonName(ReasonOf(silence))));
  RETURN_IF_ERROR(call.Commit([&](CommitScope& scope) {
                        return ReturnApproval(draft.Binding(), draft.message,
                                              scope.now(), scope.store());
                      })
                      .status());
  return silence;
}

// What the own log says of what came, and of what it rests on.
std::string OutcomeText(const Draft& draft,
                        const federation::v1::CaseAnswer& answer) {
  const std::string outcome =
      answer.has_refusal()
          ? answer.refusal().reason()
          : absl::StrCat("RELEASED",
                         ToldGroups(ParseGroups(answer.released().released())));
  return absl::StrCat(
      "ANSWERED ", outcome,
      RestsOn(draft.request.agreement_id, draft.request.purpose));
}

// What the own side notes of what came.
void NoteReceived(OperatorCall& call, const Draft& draft,
                  const federation::v1::CaseAnswer& answer) {
  if (!answer.has_released()) return;
  const auto& terms = answer.released().terms();
  call.AddNote({draft.request.holder, false, "RECEIVED", NoticesOf(terms), "",
                terms.break_glass(), draft.request.agreement_id,
                draft.pseudonym});
}

}  // namespace

absl::Status HandleRequestCase(OperatorCall& call,
                               const pb::RequestCaseRequest& request,
                               pb::RequestCaseResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Draft draft, ReadDraft(call, request));
  call.SetPeer(draft.request.holder);
  call.SetRequestId(draft.message);
  call.AddAbout(draft.pseudonym);
  RETURN_IF_ERROR(CheckCanBeAsked(node, draft.request.holder));
  ASSIGN_OR_RETURN(
      const FoundApproval approval,
      ClearAtHome(node, call.engine().policy(), draft.Binding(), draft.message,
                  call.now(), [&call](const CommitBody& body) {
                    call.SetDetail("HOLD APPROVALS_MISSING");
                    return call.Commit(body).status();
                  }));
  const absl::StatusOr<Answered> asked = Ask(
      node,
      {MessageKind::kCaseQuestion, MessageKind::kCaseAnswer,
       "comity.federation.v1.CaseQuestion", "comity.federation.v1.CaseAnswer",
       draft.request.holder, draft.message,
       PayloadOf(node, draft, request, approval),
       [&call](Peer& peer, const Message& message) {
         return peer.AskCase(message, call.PartnerTimeout(absl::Seconds(10)));
       },
       [&](CommitScope& scope) {
         return TakeApproval(draft.Binding(), approval, draft.message, scope);
       }});
  if (!asked.ok()) {
    return EndUnanswered(call, draft, approval, asked.status());
  }
  const Answered& answered = *asked;
  if (!response.mutable_answer()->ParseFromString(
          answered.answer.message.payload)) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the partner's answer does not parse");
  }
  response.mutable_answer()->clear_padding();
  response.set_question_index(answered.question_index);
  response.set_answer_index(answered.answer_index);
  call.SetLeaves(answered.question_leaf, answered.answer.leaf_hash);
  call.SetDetail(StepDetail(call, OutcomeText(draft, response.answer()),
                            draft.request.role));
  NoteReceived(call, draft, response.answer());
  return call
      .Commit(
          [&](CommitScope& scope) { return ObserveOutcome(answered, scope); })
      .status();
}

}  // namespace comity
