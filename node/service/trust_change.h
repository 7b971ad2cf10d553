#pragma once

#include <string>

#include "node/service/node_context.h"

namespace comity {

// Writes it with other effects.
absl::Status AppendTrustChange(const NodeContext& node, const std::string& what,
                               CommitScope& scope);

// Queues an entry of the own log about a change of trust that came by files and
// that no partner is told of: a revoked operator. Does not wait.
void NoteTrustChange(NodeContext& node, const std::string& what);

}  // namespace comity
