#pragma once

#include <memory>

#include "node/peer/grpc_names.h"
#include "node/service/operator_gate.h"

namespace comity {

// Makes the gRPC service that exports dossiers to the own people. Borrows the
// gate.
std::unique_ptr<grpc::Service> MakeDossierService(OperatorGate& gate);

}  // namespace comity
