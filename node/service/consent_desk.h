#pragma once

#include <functional>
#include <memory>

#include "node/peer/grpc_names.h"
#include "node/service/operator_gate.h"

namespace comity {

// The gRPC service of consent; `wake` is called when something is to be
// delivered.
std::unique_ptr<grpc::Service> MakeConsentService(OperatorGate& gate,
                                                  std::function<void()> wake);

}  // namespace comity
