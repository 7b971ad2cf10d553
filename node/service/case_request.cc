#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/case_view.h"
#include "node/service/dialogue.h"
#include "node/service/officers.h"
#include "node/service/referral_steps.h"

namespace comity {

namespace pb = operators::v1;

absl::Status HandleRequestCase(OperatorCall& call,
                               const pb::RequestCaseRequest& request,
                               pb::RequestCaseResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Uuid request_id, Uuid::Parse(request.request_id()));
  ASSIGN_OR_RETURN(const ParticipantCode holder,
                   ParticipantCode::Create(request.holder()));
  Uuid pseudonym;
  if (!request.pseudonym().empty()) {
    ASSIGN_OR_RETURN(pseudonym, Uuid::Parse(request.pseudonym()));
  } else {
    ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(request.referral_id()));
    ASSIGN_OR_RETURN(const ReferralRow row, node.store.ReadReferral(id));
    pseudonym = row.pseudonym;
  }
  const FieldGroups wanted = ParseGroups(request.wanted());
  const Operation operation = wanted.Contains(FieldGroup::kIdentity)
                                  ? Operation::kIdentityRelease
                                  : Operation::kCaseQuery;
  ASSIGN_OR_RETURN(const Agreement* agreement,
                   ChooseAgreement(call.engine(), request.agreement_id(),
                                   holder, node.self, operation, call.now()));
  federation::v1::CaseQuestion question;
  question.set_agreement_id(agreement->id);
  question.set_agreement_digest(agreement->digest);
  question.set_purpose(request.purpose());
  question.set_basis(request.basis().empty() ? "CONSENT" : request.basis());
  question.set_role(std::string(Name(call.caller().role)));
  question.set_organisation(call.caller().organisation);
  question.set_pseudonym(pseudonym.ToBytes());
  question.set_referral_id(request.referral_id());
  AddGroups(wanted, question.mutable_wanted());
  question.set_officer_pseudonym(
      OfficerPseudonym(node.officer_key, holder, call.caller().OperatorName()));
  call.SetPeer(holder);
  call.SetRequestId(request_id);
  ASSIGN_OR_RETURN(
      const Answered answered,
      Ask(node, {MessageKind::kCaseQuestion, MessageKind::kCaseAnswer,
                 "comity.federation.v1.CaseQuestion",
                 "comity.federation.v1.CaseAnswer", holder, request_id,
                 question.SerializeAsString(),
                 [&call](Peer& peer, const Message& message) {
                   return peer.AskCase(message,
                                       call.PartnerTimeout(absl::Seconds(10)));
                 }}));
  if (!response.mutable_answer()->ParseFromString(
          answered.answer.message.payload)) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the partner's answer does not parse");
  }
  response.mutable_answer()->clear_padding();
  response.set_question_index(answered.question_index);
  response.set_answer_index(answered.answer_index);
  call.SetLeaves(answered.question_leaf, answered.answer.leaf_hash);
  call.SetDetail(
      response.answer().has_refusal()
          ? absl::StrCat("ANSWERED ", response.answer().refusal().reason())
          : "ANSWERED RELEASED");
  return call
      .Commit(
          [&](CommitScope& scope) { return ObserveOutcome(answered, scope); })
      .status();
}

}  // namespace comity
