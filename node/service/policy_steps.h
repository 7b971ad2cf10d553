#pragma once

#include "comity/operators/v1/policy_service.pb.h"
#include "node/service/operator_gate.h"
#include "node/store/policy_store.h"

namespace comity {

// The handlers of PolicyService that check, activate and list; see the proto.
absl::Status HandleCheckPolicy(OperatorCall& call,
                               const operators::v1::CheckPolicyRequest& request,
                               operators::v1::CheckPolicyResponse& response);
absl::Status HandleActivatePolicy(
    OperatorCall& call, const operators::v1::ActivatePolicyRequest& request,
    operators::v1::ActivatePolicyResponse& response);
absl::Status HandleRollbackPolicy(
    OperatorCall& call, const operators::v1::RollbackPolicyRequest& request,
    operators::v1::RollbackPolicyResponse& response);
absl::Status HandleListPolicies(
    OperatorCall& call, const operators::v1::ListPoliciesRequest& request,
    operators::v1::ListPoliciesResponse& response);
absl::Status HandleListPolicyVersions(
    OperatorCall& call, const operators::v1::ListPolicyVersionsRequest& request,
    operators::v1::ListPolicyVersionsResponse& response);

}  // namespace comity
