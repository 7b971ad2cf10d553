#include "node/service/case_question.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/case_view.h"
#include "node/service/officers.h"

namespace comity {

federation::v1::CaseQuestion QuestionOf(const NodeContext& node,
                                        const DraftedQuestion& draft,
                                        const std::string& referral_id,
                                        const FoundApproval& approval) {
  const RequestFacts& facts = draft.request;
  federation::v1::CaseQuestion question;
  question.set_agreement_id(facts.agreement_id);
  question.set_agreement_digest(facts.agreement_digest);
  question.set_purpose(std::string(Name(facts.purpose)));
  question.set_basis(std::string(Name(facts.basis)));
  question.set_role(std::string(Name(facts.role)));
  question.set_organisation(facts.organisation);
  question.set_pseudonym(draft.pseudonym.ToBytes());
  question.set_referral_id(referral_id);
  AddGroups(facts.wanted, question.mutable_wanted());
  question.set_officer_pseudonym(
      OfficerPseudonym(node.officer_key, facts.holder, draft.officer));
  AddApprovers(node.officer_key, facts.holder, approval,
               question.mutable_approver_pseudonyms());
  return question;
}

void NoteReceived(OperatorCall& call, const DraftedQuestion& draft,
                  const federation::v1::ReleaseTerms& terms) {
  call.AddNote({draft.request.holder, false, "RECEIVED", NoticesOf(terms), "",
                terms.break_glass(), draft.request.agreement_id,
                draft.pseudonym});
}

absl::Status EndUnanswered(OperatorCall& call, const DraftedQuestion& draft,
                           const FoundApproval& approval, const Uuid& approved,
                           const absl::Status& silence) {
  if (!approval.has_value() || !NoAnswerCame(silence)) return silence;
  call.SetDetail(absl::StrCat("REFUSED ", ReasonName(ReasonOf(silence))));
  RETURN_IF_ERROR(call.Commit([&](CommitScope& scope) {
                        return ReturnApproval(draft.Binding(), approved,
                                              scope.now(), scope.store());
                      })
                      .status());
  return silence;
}

}  // namespace comity
