#pragma once

#include "comity/operators/v1/witness.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// Answers AdminService.ListWitnesses.
absl::Status HandleListWitnesses(
    OperatorCall& call, const operators::v1::ListWitnessesRequest& request,
    operators::v1::ListWitnessesResponse& response);

}  // namespace comity
