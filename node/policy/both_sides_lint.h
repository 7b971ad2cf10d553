#pragma once

#include <vector>

#include "node/policy/policy_lint.h"

namespace comity {

// A part of LintPolicies over all agreements: who may be told of one referral
// by its sender's count and by its receiver's. Both are figures of the same
// persons with unrelated noise, whose average lies nearer to the count.
void LintBothSides(const std::vector<Agreement>& agreements,
                   std::vector<LintFinding>& findings);

}  // namespace comity
