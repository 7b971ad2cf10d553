#pragma once

#include "node/cli/command.h"

namespace comity {

// comity bundle: mail that goes by courier.
void AddBundleCommands(CLI::App& app, CommandContext& context);

}  // namespace comity
