#include "node/service/case_answer.h"

#include "absl/strings/str_cat.h"
#include "comity/federation/v1/case_query.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/approvals.h"
#include "node/service/decision_state.h"
#include "node/service/log_detail.h"
#include "node/wire/case_record.h"
#include "node/wire/decision_wire.h"
#include "node/wire/error_wire.h"

namespace comity {
namespace {

namespace pb = federation::v1;
constexpr size_t kSizeClass = 2048;

// Field number 3, wire type 2 in one byte, then the length as a varint.
constexpr size_t kPaddingOverhead = 4;

std::string Padded(pb::CaseAnswer& answer) {
  answer.set_padding(PaddingFor(answer.ByteSizeLong(), kSizeClass));
  return answer.SerializeAsString();
}

std::string Refuse(const absl::Status& status) {
  pb::CaseAnswer answer;
  ErrorReason reason = ReasonOf(status);
  if (reason == ErrorReason::kNotFound) reason = ErrorReason::kNotAvailable;
  answer.mutable_refusal()->set_reason(std::string(ReasonName(reason)));
  answer.mutable_refusal()->set_message(
      reason == ErrorReason::kNotAvailable
          ? "nothing is available under this reference"
          : PublicMessage(status));
  return Padded(answer);
}

FieldGroups GroupsOf(const google::protobuf::RepeatedField<int>& wanted) {
  FieldGroups groups;
  for (const int group : wanted) {
    if (group >= 1 && group <= 16) {
      groups = groups.With(static_cast<FieldGroup>(group));
    }
  }
  return groups;
}

absl::StatusOr<RequestFacts> FactsOfQuestion(const NodeContext& node,
                                             const FederationCall& call,
                                             const pb::CaseQuestion& question) {
  const FieldGroups wanted = GroupsOf(question.wanted());
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

// What the question is about: the case's facts, or those of nobody, so that a
// question about no case takes the same way.
struct Subject {
  CaseFacts facts;
  bool exists = false;
  DossierStage stage = DossierStage::kNone;
};

Subject FindSubject(const NodeContext& node, const FederationCall& call,
                    const pb::CaseQuestion& question,
                    const StoreReader& reader) {
  Subject subject;
  const auto pseudonym = Uuid::FromBytes(question.pseudonym());
  if (!pseudonym.ok()) return subject;
  const auto case_id =
      reader.ResolvePseudonym(*pseudonym, call.caller.participant);
  if (case_id.ok()) {
    const auto facts = reader.ReadFacts(*case_id);
    subject.exists = facts.ok();
    if (facts.ok()) subject.facts = *facts;
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

absl::StatusOr<std::string> Release(const Permit& permit, bool break_glass,
                                    const Subject& subject,
                                    const StoreReader& reader) {
  ASSIGN_OR_RETURN(const StoredCase stored,
                   reader.ReadCase(permit, subject.facts.case_id));
  ASSIGN_OR_RETURN(record::v1::CaseRecord record, ParseRecord(stored.body));
  RedactRecord(permit.groups(), permit.duties().redact, record);
  pb::CaseAnswer answer;
  auto* released = answer.mutable_released();
  *released->mutable_record() = std::move(record);
  for (int group = 1; group <= 16; ++group) {
    if (permit.groups().Contains(static_cast<FieldGroup>(group))) {
      released->add_released(static_cast<v1::RecordGroup>(group));
    }
  }
  *released->mutable_terms() = TermsOf(permit, break_glass);
  return Padded(answer);
}

// One question with what it is decided on.
struct Inquiry {
  std::shared_ptr<const PolicyEngine> engine;
  Uuid message;
  Uuid pseudonym;  // nil if it is malformed
  std::string officer;
  uint32_t approvers = 0;  // of the asker's people
  RequestFacts request;
  Subject subject;

  // What the own people would have to approve.
  ApprovalBinding Binding() const {
    return {ApprovalMatter::kAnswerPartner, subject.facts.case_id, request,
            request.asker.text()};
  }
};

absl::StatusOr<Inquiry> ReadInquiry(const NodeContext& node,
                                    const FederationCall& call,
                                    const StoreReader& reader) {
  pb::CaseQuestion question;
  if (!question.ParseFromString(call.message.message.payload)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the question does not parse");
  }
  ASSIGN_OR_RETURN(const uint32_t approvers,
                   CountApprovers(question.officer_pseudonym(),
                                  question.approver_pseudonyms()));
  ASSIGN_OR_RETURN(RequestFacts request, FactsOfQuestion(node, call, question));
  return Inquiry{node.policy.Get(call.now),
                 call.message.leaf.request_id,
                 Uuid::FromBytes(question.pseudonym()).value_or(Uuid()),
                 question.officer_pseudonym(),
                 approvers,
                 std::move(request),
                 FindSubject(node, call, question, reader)};
}

// The state as the store has it, with the approvals of both sides.
absl::StatusOr<StateFacts> StandingOf(const Inquiry& inquiry,
                                      const StoreReader& reader) {
  const CompiledPolicy& policy = inquiry.engine->policy();
  ASSIGN_OR_RETURN(StateFacts state,
                   ReadState(policy, inquiry.request, inquiry.officer, reader));
  state.approvals = inquiry.approvers;
  if (MayNeedApprovalsAtHome(policy, inquiry.request)) {
    ASSIGN_OR_RETURN(const FoundApproval found,
                     FindApproval(reader, inquiry.Binding(), inquiry.message,
                                  inquiry.request.now));
    state.approvals_at_home = GivenIn(found);
  }
  return state;
}

// What the release is charged to.
absl::Status Charge(const Inquiry& inquiry, const Decision& decision,
                    CommitScope& scope) {
  const CompiledPolicy& policy = inquiry.engine->policy();
  RETURN_IF_ERROR(ChargeLimits(policy, inquiry.request, decision,
                               inquiry.officer, scope.now(), scope.store()));
  if (!MayNeedApprovalsAtHome(policy, inquiry.request)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const FoundApproval found,
                   FindApproval(scope.store(), inquiry.Binding(),
                                inquiry.message, inquiry.request.now));
  return UseApproval(found, inquiry.message, scope.store());
}

absl::StatusOr<FederationAnswer> RefuseInquiry(NodeContext& node,
                                               const Inquiry& inquiry,
                                               const Decision& decision,
                                               const StoreReader& reader,
                                               FederationAnswer answer) {
  // Cost what a release would cost.
  if (decision.reason == ErrorReason::kNotAvailable) {
    RETURN_IF_ERROR(reader.ReadDecoy().status());
  }
  // The asker sees "no such record".
  if (decision.private_reason == PrivateReason::kApprovalsAtHome) {
    answer.effect = [&node, inquiry,
                     missing = decision.approvals_missing](CommitScope& scope) {
      return AskOwnPeople(inquiry.Binding(), inquiry.message, missing,
                          node.random, scope);
    };
  }
  answer.payload = Refuse(ReasonError(
      decision.reason,
      "the agreement between the two parties does not allow this; compare "
      "role, purpose, basis, groups, approvals and limits with it"));
  return answer;
}

absl::StatusOr<FederationAnswer> Handle(NodeContext& node,
                                        const FederationCall& call,
                                        const StoreReader& reader) {
  ASSIGN_OR_RETURN(const Inquiry inquiry, ReadInquiry(node, call, reader));
  const Subject& subject = inquiry.subject;
  ASSIGN_OR_RETURN(const StateFacts state, StandingOf(inquiry, reader));
  const RecordFacts record =
      ProjectFacts(subject.facts, subject.stage, inquiry.request);
  const Ruling ruling = inquiry.engine->Decide(call.caller, inquiry.request,
                                               record, state, &subject.facts);
  const Decision& decision = ruling.decision;
  FederationAnswer answer;
  answer.engine = inquiry.engine;
  answer.detail =
      DescribeDecision(*inquiry.engine, inquiry.request.operation, decision);
  // By it answers about a merged case are told apart.
  answer.about = {inquiry.pseudonym};
  if (!subject.exists) answer.about_nobody = inquiry.pseudonym;
  answer.facts = FormatDecisionFacts(inquiry.engine->policy(), inquiry.request,
                                     record, state)
                     .SerializeAsString();
  answer.still_holds = [inquiry,
                        state](const StoreReader& now) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const StateFacts current, StandingOf(inquiry, now));
    return current.approvals_at_home == state.approvals_at_home &&
           current.emergency == state.emergency;
  };
  if (subject.exists) {
    answer.subject = subject.facts.case_id.ToString();
    answer.case_id = subject.facts.case_id;
    answer.case_version = subject.facts.version;
  }
  if (!ruling.permit.has_value()) {
    return RefuseInquiry(node, inquiry, decision, reader, std::move(answer));
  }
  ASSIGN_OR_RETURN(answer.payload, Release(*ruling.permit, decision.break_glass,
                                           subject, reader));
  absl::StrAppend(&answer.detail, ToldGroups(ruling.permit->groups()));
  answer.note = ReleaseNote{call.caller.participant,
                            true,
                            "RELEASED",
                            decision.duties.notify,
                            subject.facts.owner,
                            decision.break_glass,
                            inquiry.request.agreement_id,
                            subject.facts.case_id};
  answer.effect = [inquiry, decision](CommitScope& scope) {
    return Charge(inquiry, decision, scope);
  };
  return answer;
}

}  // namespace

std::string PaddingFor(size_t size, size_t step) {
  const size_t least = size + kPaddingOverhead;
  size_t target = (least + step - 1) / step * step;
  // Tag and length take two bytes, three from 128 bytes of padding on; exactly
  // 128 fits neither way.
  if (target - size - 2 == 128) target += step;
  const size_t room = target - size - 2;
  std::string padding(room > 128 ? room - 1 : room, '\0');
  return padding;
}

QuestionMethod CaseAnswerMethod(NodeContext& node) {
  return {MessageKind::kCaseQuestion,
          MessageKind::kCaseAnswer,
          "comity.federation.v1.CaseQuestion",
          "comity.federation.v1.CaseAnswer",
          [&node](const FederationCall& call, const StoreReader& reader) {
            return Handle(node, call, reader);
          },
          Refuse};
}

}  // namespace comity
