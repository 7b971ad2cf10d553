#pragma once

#include "comity/operators/v1/policy_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// The handlers of PolicyService that explain; see the proto.
absl::Status HandleExplainDecision(
    OperatorCall& call, const operators::v1::ExplainDecisionRequest& request,
    operators::v1::ExplainDecisionResponse& response);

// NOT_FOUND if the own log has no such entry, or no decision across a border
// was recorded in it.
absl::Status HandleExplainLoggedDecision(
    OperatorCall& call,
    const operators::v1::ExplainLoggedDecisionRequest& request,
    operators::v1::ExplainLoggedDecisionResponse& response);

}  // namespace comity
