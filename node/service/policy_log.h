#pragma once

#include <vector>

#include "node/store/policy_store.h"

namespace comity {

// A line of the policy log: a version that was activated, or an activation that
// was refused; the other is null. Points into what it was made of.
struct PolicyLogLine {
  const PolicyRow* version = nullptr;
  const RefusedActivation* refused = nullptr;
};

// Both in one list, newest first, as each of them is.
std::vector<PolicyLogLine> MergePolicyLog(
    const std::vector<PolicyRow>& versions,
    const std::vector<RefusedActivation>& refused);

}  // namespace comity
