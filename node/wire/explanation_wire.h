#pragma once

#include <vector>

#include "comity/operators/v1/explanation.pb.h"
#include "node/policy/explanation.h"
#include "node/policy/smallest_change.h"

namespace comity {

// An explanation, what would change a refusal and what would lose a permit, for
// people and programs.
operators::v1::DecisionExplanation FormatExplanation(
    const CompiledPolicy& policy, const Explanation& explanation,
    const std::vector<ChangeProposal>& proposals,
    const std::vector<ChangeProposal>& losses);

}  // namespace comity
