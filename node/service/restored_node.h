#pragma once

#include "absl/status/status.h"
#include "node/service/node_context.h"

namespace comity {

// Before a node serves: if it was restored from a backup, counts as spent what
// may have been spent since, and says so in the own log. Waits for the commit.
absl::Status TakeUpRestored(NodeContext& node);

}  // namespace comity
