#pragma once

#include "node/cli/command.h"

namespace comity {

// `comity table count`: the own cases as they are now, for the own people.
void AddTableCountVerb(CLI::App& table_noun, CommandContext& context);

}  // namespace comity
