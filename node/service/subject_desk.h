#pragma once

#include <functional>
#include <memory>

#include "node/peer/grpc_names.h"
#include "node/service/operator_gate.h"

namespace comity {

// Serves comity.operators.v1.SubjectService through the gate, which it borrows;
// `wake` is called when something was queued for a partner.
std::unique_ptr<grpc::Service> MakeSubjectService(OperatorGate& gate,
                                                  std::function<void()> wake);

}  // namespace comity
