#pragma once

#include <memory>

#include "node/peer/grpc_names.h"
#include "node/service/operator_gate.h"

namespace comity {

// Makes the service for policy files. Borrows the gate.
std::unique_ptr<grpc::Service> MakePolicyService(OperatorGate& gate);

}  // namespace comity
