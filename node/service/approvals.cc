#include "node/service/approvals.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/policy/judge.h"
#include "node/service/officers.h"

namespace comity {
namespace {

constexpr absl::Duration kApprovalStands = absl::Hours(72);
constexpr int kMostApprovers = 5;
// Answers to one partner that may wait for approval at once.
constexpr uint32_t kMostOpenRequests = 64;
// More than wait at any node.
constexpr int kAllOpen = 1 << 16;

std::string KeyOf(const ApprovalBinding& binding) {
  const RequestFacts& request = binding.request;
  std::string bound = "comity-approval/v1";
  for (const std::string& part :
       {absl::StrCat(static_cast<int>(binding.matter)),
        binding.subject.ToBytes(), request.peer.text(),
        std::string(Name(request.role)), request.organisation,
        std::string(Name(request.operation)),
        std::string(Name(request.purpose)), std::string(Name(request.basis)),
        request.agreement_id, request.agreement_digest,
        absl::StrCat(request.wanted.bits()), binding.requested_by}) {
    absl::StrAppend(&bound, "/", part.size(), ":", part);
  }
  if (!binding.content.empty()) {
    absl::StrAppend(&bound, "/", binding.content.size(), ":", binding.content);
  }
  return Sha256(bound);
}

}  // namespace

absl::StatusOr<FoundApproval> FindApproval(const OversightReader& reader,
                                           const ApprovalBinding& binding,
                                           const Uuid& message,
                                           absl::Time now) {
  return reader.FindApprovalRequest(KeyOf(binding), message, now);
}

uint32_t GivenIn(const FoundApproval& found) {
  if (!found.has_value() || !found->declined_by.empty()) return 0;
  return static_cast<uint32_t>(found->approvals.size());
}

absl::StatusOr<ApprovalRequest> AskForApproval(const ApprovalBinding& binding,
                                               const FoundApproval& found,
                                               uint32_t needed, absl::Time now,
                                               RandomSource& random,
                                               StoreTransaction& store) {
  if (found.has_value()) {
    ApprovalRequest raised = *found;
    raised.needed = std::max(raised.needed, needed);
    RETURN_IF_ERROR(store.UpdateApprovalRequest(raised));
    return raised;
  }
  const RequestFacts& request = binding.request;
  ApprovalRequest made{NewUuid(random),
                       binding.matter,
                       request.peer,
                       KeyOf(binding),
                       binding.subject,
                       request.agreement_id,
                       request.agreement_digest,
                       request.purpose,
                       request.basis,
                       request.wanted,
                       binding.requested_by,
                       needed,
                       now,
                       now + kApprovalStands};
  made.about = binding.about;
  RETURN_IF_ERROR(store.InsertApprovalRequest(made));
  return made;
}

absl::Status UseApproval(const FoundApproval& found, const Uuid& message,
                         StoreTransaction& store) {
  if (!found.has_value() || found->used_by == message) return absl::OkStatus();
  ApprovalRequest used = *found;
  used.used_by = message;
  return store.UpdateApprovalRequest(used);
}

absl::Status TakeApproval(const ApprovalBinding& binding,
                          const FoundApproval& counted, const Uuid& message,
                          CommitScope& scope) {
  if (!counted.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const FoundApproval now,
                   FindApproval(scope.store(), binding, message, scope.now()));
  if (GivenIn(now) < GivenIn(counted)) {
    return ReasonError(ErrorReason::kApprovalsMissing,
                       "the approval was used or declined meanwhile; run this "
                       "again to ask for another");
  }
  return UseApproval(now, message, scope.store());
}

absl::Status EndCorrectionApprovals(const Uuid& case_id, FieldGroups groups,
                                    const Uuid& by, absl::Time now,
                                    StoreTransaction& store) {
  ASSIGN_OR_RETURN(const std::vector<ApprovalRequest> open,
                   store.ListApprovalRequests(now, kAllOpen));
  for (ApprovalRequest each : open) {
    if (each.matter != ApprovalMatter::kTellCorrection ||
        each.subject != case_id || each.groups.Intersect(groups).empty()) {
      continue;
    }
    each.used_by = by;
    RETURN_IF_ERROR(store.UpdateApprovalRequest(each));
  }
  return absl::OkStatus();
}

absl::Status AskOwnPeople(const ApprovalBinding& binding, const Uuid& message,
                          uint32_t missing, RandomSource& random,
                          CommitScope& scope) {
  StoreTransaction& store = scope.store();
  ASSIGN_OR_RETURN(const FoundApproval found,
                   FindApproval(store, binding, message, binding.request.now));
  ASSIGN_OR_RETURN(
      const uint32_t open,
      store.CountApprovalRequests(binding.request.asker, scope.now()));
  if (!found.has_value() && open >= kMostOpenRequests) return absl::OkStatus();
  return AskForApproval(binding, found, GivenIn(found) + missing, scope.now(),
                        random, store)
      .status();
}

bool NoAnswerCame(const absl::Status& status) {
  const ErrorReason reason = ReasonOf(status);
  return reason == ErrorReason::kPeerUnreachable ||
         reason == ErrorReason::kDeadlineExceeded;
}

absl::Status ReturnApproval(const ApprovalBinding& binding, const Uuid& message,
                            absl::Time now, StoreTransaction& store) {
  ASSIGN_OR_RETURN(FoundApproval found,
                   FindApproval(store, binding, message, now));
  if (!found.has_value() || found->used_by != message) return absl::OkStatus();
  found->used_by = Uuid();
  return store.UpdateApprovalRequest(*found);
}

absl::Status ApprovalsMissing(const ApprovalRequest& request) {
  if (!request.declined_by.empty()) {
    return ReasonError(ErrorReason::kApprovalsMissing,
                       absl::StrCat("approval ", request.id.ToString(),
                                    " was declined by ", request.declined_by));
  }
  const size_t missing =
      request.needed -
      std::min<size_t>(request.needed, request.approvals.size());
  return ReasonError(
      ErrorReason::kApprovalsMissing,
      absl::StrCat("approval ", request.id.ToString(), " waits for ", missing,
                   " more person(s), besides you: comity approve ",
                   request.id.ToString(), "; then run this again"));
}

absl::StatusOr<FoundApproval> ClearAtHome(
    const NodeContext& node, const CompiledPolicy& policy,
    const ApprovalBinding& binding, const Uuid& message, absl::Time now,
    const std::function<absl::Status(const CommitBody&)>& commit) {
  ASSIGN_OR_RETURN(FoundApproval found,
                   FindApproval(node.store, binding, message, now));
  StateFacts state;
  state.approvals = GivenIn(found);
  const Decision decision =
      Judge(policy, binding.request, RecordFacts(), state);
  if (decision.outcome != Outcome::kHold) return found;
  std::optional<ApprovalRequest> waits;
  RETURN_IF_ERROR(commit([&](CommitScope& scope) -> absl::Status {
    ASSIGN_OR_RETURN(
        waits, AskForApproval(binding, found,
                              state.approvals + decision.approvals_missing,
                              scope.now(), node.random, scope.store()));
    return absl::OkStatus();
  }));
  return ApprovalsMissing(*waits);
}

void AddApprovers(const SecretBytes& officer_key,
                  const ParticipantCode& partner, const FoundApproval& found,
                  google::protobuf::RepeatedPtrField<std::string>* approvers) {
  if (GivenIn(found) == 0) return;
  for (const Approval& approval : found->approvals) {
    if (approvers->size() == kMostApprovers) return;
    approvers->Add(OfficerPseudonym(officer_key, partner, approval.by));
  }
}

absl::StatusOr<uint32_t> CountApprovers(
    const std::string& officer,
    const google::protobuf::RepeatedPtrField<std::string>& approvers) {
  RETURN_IF_ERROR(CheckOfficer(officer));
  std::set<std::string> persons{officer};
  for (const std::string& approver : approvers) {
    RETURN_IF_ERROR(CheckOfficer(approver));
    if (officer.empty() || approver.empty() ||
        !persons.insert(approver).second || approvers.size() > kMostApprovers) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         "approvers are at most 5 persons, each named once, "
                         "and none of them the one who asks or sends");
    }
  }
  return static_cast<uint32_t>(approvers.size());
}

absl::string_view Name(ApprovalMatter matter) {
  switch (matter) {
    case ApprovalMatter::kUnset:
      return "UNSET";
    case ApprovalMatter::kAskCase:
      return "ASK_CASE";
    case ApprovalMatter::kSendReferral:
      return "SEND_REFERRAL";
    case ApprovalMatter::kAnswerPartner:
      return "ANSWER_PARTNER";
    case ApprovalMatter::kAskTable:
      return "ASK_TABLE";
    case ApprovalMatter::kAnswerTable:
      return "ANSWER_TABLE";
    case ApprovalMatter::kTellCorrection:
      return "TELL_CORRECTION";
  }
  return "UNSET";
}

}  // namespace comity
