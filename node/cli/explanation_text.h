#pragma once

#include <string>

#include "comity/operators/v1/explanation.pb.h"

namespace comity {

// The explanation for a terminal: the verdict, the rules nearest to it with the
// conditions that failed, limits, the smallest change, the national rules; five
// lines as a rule. `verbose`: every rule, each condition on a line of its own.
std::string ExplanationText(const operators::v1::DecisionExplanation& from,
                            bool verbose);

}  // namespace comity
