#pragma once

#include "comity/operators/v1/policy_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// Decides the logged questions of the last days under the files in force and
// under candidate files; see PolicyService.SimulatePolicy. Reads facts of
// decisions alone, which hold nobody's data.
absl::Status HandleSimulatePolicy(
    OperatorCall& call, const operators::v1::SimulatePolicyRequest& request,
    operators::v1::SimulatePolicyResponse& response);

}  // namespace comity
