#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "node/service/operator_gate.h"

namespace comity {

// Makes the service for policy files. Borrows the gate.
std::unique_ptr<grpc::Service> MakePolicyService(OperatorGate& gate);

}  // namespace comity
