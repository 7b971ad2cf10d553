#pragma once

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "comity/operators/v1/policy_service.pb.h"
#include "node/service/node_context.h"

namespace comity {

// Two administrators put a file in force.
inline constexpr size_t kSignersNeeded = 2;

// The administrators of this country among the signatures of `file` over
// `digest`, their certificates judged as of `at`. POLICY_INVALID if a signature
// does not verify; signatures of other countries' people, of other roles and by
// certificates that had ended count for nothing.
absl::StatusOr<std::set<std::string>> SignersOf(
    const NodeContext& node, const operators::v1::PolicyFile& file,
    const std::string& digest, absl::Time at);

// APPROVALS_MISSING, naming the next step, unless enough of them signed.
absl::Status CheckSigned(const NodeContext& node,
                         const operators::v1::PolicyFile& file,
                         const std::string& digest);

// As stored beside a version: the signatures without the text.
std::string StoredSignatures(operators::v1::PolicyFile file);
// The same as SignersOf, of what is stored so.
absl::StatusOr<std::set<std::string>> StoredSignersOf(
    const NodeContext& node, const std::string& signatures,
    const std::string& digest, absl::Time at);

}  // namespace comity
