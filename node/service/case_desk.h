#pragma once

#include <memory>

#include "node/peer/grpc_names.h"
#include "node/service/operator_gate.h"

namespace comity {

// Makes the service for the own cases. Borrows node, gate and `wake`, which is
// called when something was queued for a partner.
std::unique_ptr<grpc::Service> MakeCaseService(OperatorGate& gate,
                                               std::function<void()> wake);

}  // namespace comity
