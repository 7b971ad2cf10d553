#include "node/service/case_inquiry.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/case_view.h"
#include "node/service/decision_state.h"
#include "node/wire/decision_wire.h"
#include "node/wire/error_wire.h"

namespace comity {
namespace {

namespace pb = federation::v1;

absl::StatusOr<RequestFacts> FactsOfQuestion(const NodeContext& node,
                                             const FederationCall& call,
                                             const pb::CaseQuestion& question) {
  const FieldGroups wanted = ParseGroups(question.wanted());
  if (wanted.empty()) {
    return ReasonError(ErrorReason::kFieldMissing,
                       "the question wants no field group");
  }
  return RequestFacts{call.now,
                      node.self,
                      call.caller.participant,
                      node.self,
                      call.caller.participant,
                      FromName<Role>(question.role()),
                      question.organisation(),
                      wanted.Contains(FieldGroup::kIdentity)
                          ? Operation::kIdentityRelease
                          : Operation::kCaseQuery,
                      FromName<Purpose>(question.purpose()),
                      FromName<LegalBasis>(question.basis()),
                      question.agreement_id(),
                      question.agreement_digest(),
                      wanted};
}

InquirySubject FindSubject(const NodeContext& node, const FederationCall& call,
                           const pb::CaseQuestion& question,
                           const StoreReader& reader) {
  InquirySubject subject;
  const auto pseudonym = Uuid::FromBytes(question.pseudonym());
  if (!pseudonym.ok()) return subject;
  const auto case_id =
      reader.ResolvePseudonym(*pseudonym, call.caller.participant);
  if (case_id.ok()) {
    auto facts = reader.ReadFacts(*case_id);
    subject.exists = facts.ok();
    if (facts.ok()) subject.facts = *std::move(facts);
  }
  // Cost what the facts of a case would cost, pages that are not at hand
  // included.
  if (!subject.exists) reader.ReadDecoyFacts(*pseudonym).IgnoreError();
  const auto referral_id = Uuid::Parse(question.referral_id());
  if (!referral_id.ok()) return subject;
  const auto referral = reader.ReadReferral(*referral_id);
  if (referral.ok() && referral->parties.holder == node.self &&
      referral->parties.receiver == call.caller.participant &&
      referral->pseudonym == *pseudonym) {
    subject.stage = StageOf(referral->state);
  }
  return subject;
}

}  // namespace

absl::StatusOr<CaseInquiry> ReadInquiry(const NodeContext& node,
                                        const FederationCall& call,
                                        const pb::CaseQuestion& question,
                                        const StoreReader& reader) {
  ASSIGN_OR_RETURN(const uint32_t approvers,
                   CountApprovers(question.officer_pseudonym(),
                                  question.approver_pseudonyms()));
  ASSIGN_OR_RETURN(RequestFacts request, FactsOfQuestion(node, call, question));
  return CaseInquiry{node.policy.Get(call.now),
                     call.message.leaf.request_id,
                     Uuid::FromBytes(question.pseudonym()).value_or(Uuid()),
                     question.officer_pseudonym(),
                     approvers,
                     std::move(request),
                     FindSubject(node, call, question, reader)};
}

absl::StatusOr<StateFacts> StateOf(const CaseInquiry& inquiry,
                                   const StoreReader& reader) {
  ASSIGN_OR_RETURN(
      StateFacts state,
      ReadStateOfQuestion(inquiry.engine->policy(), inquiry.request,
                          inquiry.officer, reader));
  state.approvals = inquiry.approvers;
  return state;
}

void DescribeInquiry(const CaseInquiry& inquiry, const RecordFacts& record,
                     const StateFacts& state, const Decision& decision,
                     FederationAnswer& answer) {
  answer.engine = inquiry.engine;
  answer.detail =
      DescribeDecision(*inquiry.engine, inquiry.request.operation, decision);
  answer.facts = FormatDecisionFacts(inquiry.engine->policy(), inquiry.request,
                                     record, state)
                     .SerializeAsString();
  // By it answers about a merged case are told apart.
  answer.about = {inquiry.pseudonym};
  const InquirySubject& subject = inquiry.subject;
  if (!subject.exists) {
    answer.about_nobody = inquiry.pseudonym;
    return;
  }
  answer.subject = subject.facts.case_id.ToString();
  answer.case_id = subject.facts.case_id;
  answer.case_version = subject.facts.version;
}

pb::Refusal RefusalOf(const absl::Status& status) {
  ErrorReason reason = ReasonOf(status);
  if (reason == ErrorReason::kNotFound) reason = ErrorReason::kNotAvailable;
  pb::Refusal refusal;
  refusal.set_reason(std::string(ReasonName(reason)));
  refusal.set_message(reason == ErrorReason::kNotAvailable
                          ? "nothing is available under this reference"
                          : PublicMessage(status));
  return refusal;
}

absl::Status RefusedBy(const Decision& decision) {
  return ReasonError(
      decision.reason,
      "the agreement between the two parties does not allow this; compare "
      "role, purpose, basis, groups, approvals and limits with it");
}

}  // namespace comity
