#pragma once

#include "node/cli/command.h"

namespace comity {

// `comity node revoke`, `renew-ca` and `rotate-key`.
void AddTrustVerbs(CLI::App& node, CommandContext& context);

}  // namespace comity
