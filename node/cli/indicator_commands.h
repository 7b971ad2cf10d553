#pragma once

#include "node/cli/command.h"

namespace comity {

// comity indicator: tables that have a name and a definition.
void AddIndicatorCommands(CLI::App& app, CommandContext& context);

}  // namespace comity
