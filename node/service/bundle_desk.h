#pragma once

#include <functional>
#include <memory>

#include "node/peer/grpc_names.h"
#include "node/service/operator_gate.h"

namespace comity {

// Makes the gRPC service that writes and reads bundles. `wake` is called after
// something was read. Borrows gate and node.
std::unique_ptr<grpc::Service> MakeBundleService(OperatorGate& gate,
                                                 NodeContext& node,
                                                 std::function<void()> wake);

}  // namespace comity
