#pragma once

#include <memory>

#include "node/peer/grpc_names.h"
#include "node/service/operator_gate.h"

namespace comity {

// Serves comity.operators.v1.OversightService. Borrows the gate.
std::unique_ptr<grpc::Service> MakeOversightService(OperatorGate& gate);

}  // namespace comity
