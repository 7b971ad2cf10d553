#pragma once

#include <vector>

#include "comity/operators/v1/explanation.pb.h"
#include "node/policy/explanation.h"
#include "node/policy/smallest_change.h"

namespace comity {

// An explanation and what would change it, for people and programs.
operators::v1::DecisionExplanation FormatExplanation(
    const CompiledPolicy& policy, const Explanation& explanation,
    const std::vector<ChangeProposal>& proposals);

}  // namespace comity
