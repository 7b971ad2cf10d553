#pragma once

#include <memory>

#include "node/peer/grpc_names.h"
#include "node/service/operator_gate.h"

namespace comity {

// Makes the service for published periods and regional tables.
std::unique_ptr<grpc::Service> MakeTableService(OperatorGate& gate);

}  // namespace comity
