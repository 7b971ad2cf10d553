#pragma once

#include "node/cli/command.h"

namespace comity {

// comity release: answers that were kept, with number, date and citation.
void AddReleaseCommands(CLI::App& app, CommandContext& context);

}  // namespace comity
