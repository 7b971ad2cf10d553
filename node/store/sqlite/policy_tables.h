#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/store/policy_store.h"
#include "node/store/sqlite/session.h"

// Policy files and proposals; see store/policy_store.h.
namespace comity::policy_tables {

absl::StatusOr<std::vector<PolicyRow>> ListPolicies(Session& session,
                                                    absl::Time now);
absl::StatusOr<std::vector<PolicyRow>> ListPolicyVersions(
    Session& session, absl::string_view kind, absl::string_view id, int limit);
absl::StatusOr<PolicyRow> ReadPolicy(Session& session,
                                     absl::string_view digest);
absl::StatusOr<std::vector<PolicyProposal>> ListProposals(Session& session);
absl::StatusOr<std::vector<RefusedActivation>> ListRefusedActivations(
    Session& session, int limit);
absl::Status InsertRefusedActivation(Session& session,
                                     const RefusedActivation& refused);
absl::Status PutPolicy(Session& session, const PolicyRow& row);
absl::StatusOr<int64_t> CancelScheduled(Session& session,
                                        absl::string_view kind,
                                        absl::string_view id, absl::Time now);
absl::Status PutProposal(Session& session, const PolicyProposal& proposal);
absl::Status DeleteProposal(Session& session, absl::string_view digest);

}  // namespace comity::policy_tables
