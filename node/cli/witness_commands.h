#pragma once

#include "node/cli/command.h"

namespace comity {

// What auditors see of witnessing: verbs of comity audit.
void AddWitnessVerbs(CLI::App& audit, CommandContext& context);

}  // namespace comity
