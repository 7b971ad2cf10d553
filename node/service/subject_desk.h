#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "node/service/operator_gate.h"

namespace comity {

// Serves comity.operators.v1.SubjectService through the gate, which it borrows.
std::unique_ptr<grpc::Service> MakeSubjectService(OperatorGate& gate);

}  // namespace comity
