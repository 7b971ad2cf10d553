#pragma once

#include "node/cli/command.h"

namespace comity {

// `comity referral risk`: a question before a return, and its answer.
void AddRiskCommands(CLI::App& referral, CommandContext& context);

}  // namespace comity
