#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/service/node_context.h"
#include "node/store/policy_store.h"
#include "node/wire/policy_file.h"

namespace comity {

// Reads what is in force, and what will be, from the store into the node's
// holder: at start, and after each change. A stored file that does not load (a
// build that understands less than the one before) is left out and reported;
// without its national rules a node answers under no agreement at all.
absl::Status LoadPolicies(NodeContext& node);

// A stored version and what it says.
struct LoadedVersion {
  PolicyRow row;
  PolicyFileBody body;
};

// The set in force at `at`: of each file its last version until then, and of
// agreements also a revision that a timed switch brings later, since both are
// answered until the switch. POLICY_INVALID if the files do not go together.
absl::StatusOr<PolicySet> SetAt(const ParticipantCode& self,
                                const std::vector<LoadedVersion>& versions,
                                absl::Time at);

// All versions in force at `now` or later. Files that do not load are named in
// `faults`.
absl::StatusOr<std::vector<LoadedVersion>> ReadVersions(
    const PolicyReader& store, absl::Time now,
    std::vector<std::string>& faults);

}  // namespace comity
