#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>

#include "node/service/operator_gate.h"

namespace comity {

// Serves comity.operators.v1.RetentionService through the gate, which it
// borrows; `wake` is called when something was queued for a partner.
std::unique_ptr<grpc::Service> MakeRetentionService(OperatorGate& gate,
                                                    std::function<void()> wake);

}  // namespace comity
