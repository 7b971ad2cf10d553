#pragma once

#include <functional>
#include <memory>

#include "node/peer/grpc_names.h"
#include "node/service/operator_gate.h"

namespace comity {

// Makes the service for documents that go with cases. `wake` is called when
// something was queued for a partner.
std::unique_ptr<grpc::Service> MakeAttachmentService(
    OperatorGate& gate, std::function<void()> wake);

}  // namespace comity
