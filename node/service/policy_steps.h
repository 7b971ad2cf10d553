#pragma once

#include "comity/operators/v1/admin_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// The handlers of AdminService that concern policies; see the proto.
absl::Status HandleCheckPolicy(OperatorCall& call,
                               const operators::v1::CheckPolicyRequest& request,
                               operators::v1::CheckPolicyResponse& response);
absl::Status HandleActivatePolicy(
    OperatorCall& call, const operators::v1::ActivatePolicyRequest& request,
    operators::v1::ActivatePolicyResponse& response);
absl::Status HandleListPolicies(
    OperatorCall& call, const operators::v1::ListPoliciesRequest& request,
    operators::v1::ListPoliciesResponse& response);

}  // namespace comity
