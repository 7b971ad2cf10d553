#pragma once

#include "node/cli/command.h"

namespace comity {

// comity budget: what partners may still ask of this node.
void AddBudgetCommands(CLI::App& app, CommandContext& context);

}  // namespace comity
