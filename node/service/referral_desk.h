#pragma once

#include <functional>
#include <memory>

#include "node/peer/grpc_names.h"
#include "node/service/operator_gate.h"

namespace comity {

// Makes the service for referrals and questions about one person. `wake` is
// called when something was queued for a partner.
std::unique_ptr<grpc::Service> MakeReferralService(OperatorGate& gate,
                                                   std::function<void()> wake);

}  // namespace comity
