#pragma once

#include "node/cli/command.h"

namespace comity {

// `comity node revoke` and `comity node renew-ca`.
void AddTrustVerbs(CLI::App& node, CommandContext& context);

}  // namespace comity
