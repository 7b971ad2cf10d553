#pragma once

#include <memory>

#include "node/peer/grpc_names.h"
#include "node/service/operator_gate.h"

namespace comity {

// Serves comity.operators.v1.SubjectService through the gate, which it borrows.
std::unique_ptr<grpc::Service> MakeSubjectService(OperatorGate& gate);

}  // namespace comity
