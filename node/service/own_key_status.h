#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/operators/v1/admin_service.pb.h"
#include "node/service/node_context.h"

namespace comity {

// A log or witness key that is being replaced: two sign side by side.
struct UnfinishedRotation {
  std::string key;     // "log" or "witness"
  std::string detail;  // how far it is
  std::string fix;     // what an administrator is to do; empty: nothing yet
};

// Those of this node. INTEGRITY_FAILURE and the like if the store does not say
// what partners hold.
absl::StatusOr<std::vector<UnfinishedRotation>> UnfinishedRotations(
    const NodeContext& node);

// What status says of the own keys: rotations, due or not, and key files that
// the running node could not take.
void AddOwnKeyChecks(
    const NodeContext& node,
    google::protobuf::RepeatedPtrField<operators::v1::StatusCheck>& checks);

}  // namespace comity
