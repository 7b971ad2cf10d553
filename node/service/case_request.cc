#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/policy/judge.h"
#include "node/service/case_question.h"
#include "node/service/case_view.h"
#include "node/service/dialogue.h"
#include "node/service/dossier_step.h"
#include "node/service/held_back.h"
#include "node/service/log_detail.h"
#include "node/service/referral_steps.h"

namespace comity {
namespace {

namespace pb = operators::v1;

// Who is not known here may be asked about by whoever may ask.
absl::StatusOr<Uuid> NamedByPseudonym(const OperatorCall& call,
                                      const ParticipantCode& holder,
                                      const std::string& named) {
  const StoreReader& store = call.node().store;
  ASSIGN_OR_RETURN(const Uuid pseudonym, Uuid::Parse(named));
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> rows,
                   ReferralsWith(call.node(), holder, pseudonym, store));
  if (rows.empty() ||
      std::any_of(rows.begin(), rows.end(), [&](const ReferralRow& row) {
        return SeesReferral(call, store, row);
      })) {
    return pseudonym;
  }
  return ReasonError(ErrorReason::kNotFound, "there is no such referral");
}

absl::StatusOr<Uuid> PseudonymOf(const OperatorCall& call,
                                 const ParticipantCode& holder,
                                 const pb::RequestCaseRequest& request) {
  if (!request.pseudonym().empty()) {
    return NamedByPseudonym(call, holder, request.pseudonym());
  }
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(request.referral_id()));
  ASSIGN_OR_RETURN(const ReferralRow row, call.node().store.ReadReferral(id));
  // She is asked about by those who see her referral.
  if (SeesReferral(call, call.node().store, row)) return row.pseudonym;
  return ReasonError(ErrorReason::kNotFound, "there is no such referral");
}

absl::StatusOr<DraftedQuestion> ReadDraft(
    const OperatorCall& call, const pb::RequestCaseRequest& request) {
  const NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Uuid message, Uuid::Parse(request.request_id()));
  ASSIGN_OR_RETURN(const ParticipantCode holder,
                   ParticipantCode::Create(request.holder()));
  ASSIGN_OR_RETURN(const Uuid pseudonym, PseudonymOf(call, holder, request));
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
  return DraftedQuestion{message,
                         pseudonym,
                         {call.now(), node.self, holder, holder, node.self,
                          ActingRole(call, nullptr), call.caller().organisation,
                          operation, FromName<Purpose>(request.purpose()),
                          basis, agreement->id, agreement->digest, wanted},
                         call.caller().OperatorName()};
}

// What the own log says of what came, and of what it rests on.
std::string OutcomeText(const DraftedQuestion& draft,
                        const federation::v1::CaseAnswer& answer) {
  const std::string outcome =
      answer.has_released()
          ? absl::StrCat("RELEASED",
                         ToldGroups(ParseGroups(answer.released().released())))
          : ReasonWord(answer.refusal().reason());
  return absl::StrCat(
      "ANSWERED ", outcome,
      RestsOn(draft.request.agreement_id, draft.request.purpose));
}

}  // namespace

absl::Status HandleRequestCase(OperatorCall& call,
                               const pb::RequestCaseRequest& request,
                               pb::RequestCaseResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const DraftedQuestion draft, ReadDraft(call, request));
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
       QuestionOf(node, draft, request.referral_id(), approval)
           .SerializeAsString(),
       [&call](Peer& peer, const Message& message) {
         return peer.AskCase(message, call.PartnerTimeout(absl::Seconds(10)));
       },
       [&](CommitScope& scope) -> absl::Status {
         RETURN_IF_ERROR(
             CheckMayAskAbout(node, request.referral_id(), scope.store()));
         RETURN_IF_ERROR(CheckMayAskUnder(node, draft.request.holder,
                                          draft.pseudonym, scope.store()));
         return TakeApproval(draft.Binding(), approval, draft.message, scope);
       }});
  if (!asked.ok()) {
    return EndUnanswered(call, draft, approval, draft.message, asked.status());
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
  if (response.answer().has_released()) {
    NoteReceived(call, draft, response.answer().released().terms());
  }
  return call
      .Commit(
          [&](CommitScope& scope) { return ObserveOutcome(answered, scope); })
      .status();
}

}  // namespace comity
