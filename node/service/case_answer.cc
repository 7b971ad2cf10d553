#include "node/service/case_answer.h"

#include "absl/strings/str_cat.h"
#include "comity/federation/v1/case_query.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/decision_state.h"
#include "node/service/officers.h"
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
  RETURN_IF_ERROR(CheckOfficer(question.officer_pseudonym()));
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
  // Cost what the facts of a case would cost.
  if (!subject.exists) reader.ReadDecoy().IgnoreError();
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

absl::StatusOr<std::string> Release(const Permit& permit,
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
  return Padded(answer);
}

absl::StatusOr<FederationAnswer> Handle(NodeContext& node,
                                        const FederationCall& call,
                                        const StoreReader& reader) {
  pb::CaseQuestion question;
  if (!question.ParseFromString(call.message.message.payload)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the question does not parse");
  }
  ASSIGN_OR_RETURN(const RequestFacts request,
                   FactsOfQuestion(node, call, question));
  const Subject subject = FindSubject(node, call, question, reader);
  const auto engine = node.policy.Get(call.now);
  ASSIGN_OR_RETURN(const StateFacts state,
                   ReadState(engine->policy(), request,
                             question.officer_pseudonym(), reader));
  const RecordFacts record =
      ProjectFacts(subject.facts, subject.stage, request);
  const Ruling ruling =
      engine->Decide(call.caller, request, record, state, &subject.facts);
  FederationAnswer answer;
  answer.policy_version = engine->version();
  answer.detail = DescribeDecision(*engine, request.operation, ruling.decision);
  answer.about_nobody = !subject.exists;
  answer.facts = FormatDecisionFacts(engine->policy(), request, record, state)
                     .SerializeAsString();
  if (subject.exists) {
    answer.subject = subject.facts.case_id.ToString();
    answer.case_id = subject.facts.case_id;
    answer.case_version = subject.facts.version;
  }
  if (!ruling.permit.has_value()) {
    // Cost what a release would cost.
    if (ruling.decision.reason == ErrorReason::kNotAvailable) {
      RETURN_IF_ERROR(reader.ReadDecoy().status());
    }
    answer.payload = Refuse(ReasonError(
        ruling.decision.reason,
        "the agreement between the two parties does not allow this; compare "
        "role, purpose, basis, groups and limits with it"));
    return answer;
  }
  ASSIGN_OR_RETURN(answer.payload, Release(*ruling.permit, subject, reader));
  answer.effect = [engine, request, decision = ruling.decision,
                   officer = question.officer_pseudonym()](CommitScope& scope) {
    return ChargeLimits(engine->policy(), request, decision, officer,
                        scope.now(), scope.store());
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
