#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/audit/commit_writer.h"
#include "node/service/node_context.h"

namespace comity {

// Something that the node did by itself, for the own log.
struct NodeAct {
  Uuid request_id;
  std::string peer;  // empty: none
  Uuid subject;      // the case; nil: none
  std::string detail;
  std::vector<Uuid> about;
};

// Appends the entry, under the policy in force now; returns its index.
absl::StatusOr<uint64_t> LogNodeAct(NodeContext& node, NodeAct act,
                                    CommitScope& scope);

}  // namespace comity
