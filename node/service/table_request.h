#pragma once

#include "comity/operators/v1/table_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// Asks the members of a request for a table, each under its own agreement, and
// adds what they answer. What a member does not answer is a row of its own.
absl::Status HandleRequestTable(
    OperatorCall& call, const operators::v1::RequestTableRequest& asked_for,
    operators::v1::RequestTableResponse& response);

}  // namespace comity
