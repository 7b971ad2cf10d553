#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>

#include "node/service/operator_gate.h"

namespace comity {

// Makes the service for policies, partners, logs and status. `partners_changed`
// is called when the partner table in force was replaced.
std::unique_ptr<grpc::Service> MakeAdminService(
    OperatorGate& gate, std::function<void()> partners_changed);

// Reads what is in force from the store into the node's holders: at start, and
// after each change.
absl::Status LoadPolicies(NodeContext& node);
absl::Status LoadPartners(NodeContext& node);

}  // namespace comity
