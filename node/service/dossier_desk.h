#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "node/service/operator_gate.h"

namespace comity {

// Makes the gRPC service that exports dossiers to the own people. Borrows the
// gate.
std::unique_ptr<grpc::Service> MakeDossierService(OperatorGate& gate);

}  // namespace comity
