#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "node/policy/facts.h"
#include "node/service/node_context.h"

namespace comity {

// All that an approval is bound to: approved for this, it is good for nothing
// else.
struct ApprovalBinding {
  ApprovalMatter matter = ApprovalMatter::kUnset;
  Uuid subject;  // as in ApprovalRequest
  const RequestFacts& request;
  std::string requested_by;  // operator name, or the partner's code
  std::string about;         // as in ApprovalRequest; not bound
  std::string content;       // digest of what is told; empty: not bound to it
};

using FoundApproval = std::optional<ApprovalRequest>;

// The request for what is bound; one that was used counts for the message it
// was used for alone.
absl::StatusOr<FoundApproval> FindApproval(const OversightReader& reader,
                                           const ApprovalBinding& binding,
                                           const Uuid& message, absl::Time now);

// Distinct persons who approved; none for a declined request.
uint32_t GivenIn(const FoundApproval& found);

// Makes the request, or raises what it needs to `needed` persons. It stands for
// 72 hours.
absl::StatusOr<ApprovalRequest> AskForApproval(const ApprovalBinding& binding,
                                               const FoundApproval& found,
                                               uint32_t needed, absl::Time now,
                                               RandomSource& random,
                                               StoreTransaction& store);

// Uses the request up for `message`. Nothing to do if there is none, or if it
// was used for that message before.
absl::Status UseApproval(const FoundApproval& found, const Uuid& message,
                         StoreTransaction& store);

// An approval is good for one question: uses it up in the transaction that
// makes the question durable. APPROVALS_MISSING if fewer approve now than
// `counted`.
absl::Status TakeApproval(const ApprovalBinding& binding,
                          const FoundApproval& counted, const Uuid& message,
                          CommitScope& scope);

// What was asked for to tell `groups` of a case as it was is over: they are
// other ones now. `by` is the request that changed them.
absl::Status EndCorrectionApprovals(const Uuid& case_id, FieldGroups groups,
                                    const Uuid& by, absl::Time now,
                                    StoreTransaction& store);

// The holder's own people find in their inbox that `missing` more persons must
// approve what a partner asks; at most 64 such matters of a partner wait.
absl::Status AskOwnPeople(const ApprovalBinding& binding, const Uuid& message,
                          uint32_t missing, RandomSource& random,
                          CommitScope& scope);

// Whether a question ended without any answer, so that its approval is good for
// another.
bool NoAnswerCame(const absl::Status& status);

// Makes an approval that was used for `message` good for another: no answer
// came to it.
absl::Status ReturnApproval(const ApprovalBinding& binding, const Uuid& message,
                            absl::Time now, StoreTransaction& store);

// APPROVALS_MISSING in words for the one who asked.
absl::Status ApprovalsMissing(const ApprovalRequest& request);

// What the asker's own side can compute before a question leaves: whether the
// agreement demands more persons than approved. If so, a request for them is
// made by `commit`, and APPROVALS_MISSING tells of it.
absl::StatusOr<FoundApproval> ClearAtHome(
    const NodeContext& node, const CompiledPolicy& policy,
    const ApprovalBinding& binding, const Uuid& message, absl::Time now,
    const std::function<absl::Status(const CommitBody&)>& commit);

// Adds what a partner calls those who approved.
void AddApprovers(const SecretBytes& officer_key,
                  const ParticipantCode& partner, const FoundApproval& found,
                  google::protobuf::RepeatedPtrField<std::string>* approvers);

// How many persons besides the officer stand behind a message. FIELD_INVALID
// unless all are named by 16 bytes, each once, at most 5.
absl::StatusOr<uint32_t> CountApprovers(
    const std::string& officer,
    const google::protobuf::RepeatedPtrField<std::string>& approvers);

// "ASK_CASE".
absl::string_view Name(ApprovalMatter matter);

}  // namespace comity
