#include "node/service/case_answer.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "comity/federation/v1/case_query.pb.h"
#include "google/protobuf/arena.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/approvals.h"
#include "node/service/case_inquiry.h"
#include "node/service/decision_state.h"
#include "node/service/log_detail.h"
#include "node/wire/case_record.h"

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
  *answer.mutable_refusal() = RefusalOf(status);
  return Padded(answer);
}

absl::StatusOr<std::string> Release(const Permit& permit, bool break_glass,
                                    const InquirySubject& subject,
                                    const StoreReader& reader) {
  ASSIGN_OR_RETURN(const StoredCase stored,
                   reader.ReadCase(permit, subject.facts.case_id));
  // Many small texts, let go at once.
  google::protobuf::Arena arena;
  auto& answer =
      *google::protobuf::Arena::CreateMessage<pb::CaseAnswer>(&arena);
  auto* released = answer.mutable_released();
  RETURN_IF_ERROR(ParseRecord(stored.body, *released->mutable_record()));
  RedactRecord(permit.groups(), permit.duties().redact,
               *released->mutable_record());
  for (int group = 1; group <= 16; ++group) {
    if (permit.groups().Contains(static_cast<FieldGroup>(group))) {
      released->add_released(static_cast<v1::RecordGroup>(group));
    }
  }
  *released->mutable_terms() = TermsOf(permit, break_glass);
  return Padded(answer);
}

// How many of the own people approved.
absl::StatusOr<uint32_t> ApprovalsAtHome(const CaseInquiry& inquiry,
                                         const StoreReader& reader) {
  if (!MayNeedApprovalsAtHome(inquiry.engine->policy(), inquiry.request)) {
    return 0;
  }
  ASSIGN_OR_RETURN(const FoundApproval found,
                   FindApproval(reader, inquiry.Binding(), inquiry.message,
                                inquiry.request.now));
  return GivenIn(found);
}

// The state as the store has it, with the approvals of both sides.
absl::StatusOr<StateFacts> StandingOf(const CaseInquiry& inquiry,
                                      const StoreReader& reader) {
  ASSIGN_OR_RETURN(StateFacts state, StateOf(inquiry, reader));
  ASSIGN_OR_RETURN(state.approvals_at_home, ApprovalsAtHome(inquiry, reader));
  return state;
}

// Whether the emergency and the own people's approvals are as decided on; what
// limits have left is found out when they are charged.
absl::StatusOr<bool> StillStands(const CaseInquiry& inquiry, bool emergency,
                                 uint32_t approvals_at_home,
                                 const StoreReader& reader) {
  ASSIGN_OR_RETURN(
      const bool in_emergency,
      EmergencyStands(inquiry.engine->policy(), inquiry.request, reader));
  ASSIGN_OR_RETURN(const uint32_t approvals, ApprovalsAtHome(inquiry, reader));
  return in_emergency == emergency && approvals == approvals_at_home;
}

// What the release is charged to.
absl::Status Charge(const CaseInquiry& inquiry, const Decision& decision,
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

absl::StatusOr<FederationAnswer> RefuseInquiry(
    NodeContext& node, const std::shared_ptr<const CaseInquiry>& inquiry,
    const Decision& decision, const StoreReader& reader,
    FederationAnswer answer) {
  // Cost what a release would cost.
  if (decision.reason == ErrorReason::kNotAvailable) {
    RETURN_IF_ERROR(reader.ReadDecoy().status());
  }
  // The asker sees "no such record".
  if (decision.private_reason == PrivateReason::kApprovalsAtHome) {
    answer.effect = [&node, inquiry,
                     missing = decision.approvals_missing](CommitScope& scope) {
      return AskOwnPeople(inquiry->Binding(), inquiry->message, missing,
                          node.random, scope);
    };
  }
  answer.payload = Refuse(RefusedBy(decision));
  return answer;
}

absl::StatusOr<FederationAnswer> Handle(NodeContext& node,
                                        const FederationCall& call,
                                        const StoreReader& reader) {
  pb::CaseQuestion question;
  if (!question.ParseFromString(call.message.message.payload)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the question does not parse");
  }
  ASSIGN_OR_RETURN(CaseInquiry read, ReadInquiry(node, call, question, reader));
  // Shared with what runs in the commit.
  const auto inquiry = std::make_shared<const CaseInquiry>(std::move(read));
  const InquirySubject& subject = inquiry->subject;
  ASSIGN_OR_RETURN(const StateFacts state, StandingOf(*inquiry, reader));
  const RecordFacts record =
      ProjectFacts(subject.facts, subject.stage, inquiry->request);
  const Ruling ruling = inquiry->engine->Decide(call.caller, inquiry->request,
                                                record, state, &subject.facts);
  const Decision& decision = ruling.decision;
  FederationAnswer answer;
  DescribeInquiry(*inquiry, record, state, decision, answer);
  answer.still_holds = [inquiry, emergency = state.emergency,
                        approvals =
                            state.approvals_at_home](const StoreReader& now) {
    return StillStands(*inquiry, emergency, approvals, now);
  };
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
                            inquiry->request.agreement_id,
                            subject.facts.case_id};
  answer.effect = [inquiry, decision](CommitScope& scope) {
    return Charge(*inquiry, decision, scope);
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
