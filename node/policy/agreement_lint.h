#pragma once

#include <vector>

#include "absl/status/status.h"
#include "node/policy/policy_lint.h"

namespace comity {

// Parts of LintPolicies that look at agreements as a whole; findings are added
// in no order.

// Lengths of clocks that stand in each other's way, or that nothing runs.
void LintDeadlines(const Agreement& agreement,
                   std::vector<LintFinding>& findings);

// Budgets of epsilon and delta that are never reached, tables that hardly
// protect, and deltas that add up to much.
void LintEpsilon(const Agreement& agreement,
                 std::vector<LintFinding>& findings);

// What became broader than in `options.previous`. MESSAGE_TOO_LARGE as
// DiffPolicies says.
absl::Status LintWidening(const HolderPolicies& policies,
                          const LintOptions& options,
                          std::vector<LintFinding>& findings);

}  // namespace comity
