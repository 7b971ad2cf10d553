#pragma once

#include "node/cli/command.h"

namespace comity {

// `comity node revoke`, `renew-ca`, `rotate-key` and `rotate-root`.
void AddTrustVerbs(CLI::App& node, CommandContext& context);

}  // namespace comity
