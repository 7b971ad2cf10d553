#pragma once

#include "node/cli/command.h"

namespace comity {

// comity backup, comity restore: a node's directory in one file, and back.
void AddBackupCommands(CLI::App& app, CommandContext& context);

}  // namespace comity
