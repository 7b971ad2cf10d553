#pragma once

#include "comity/operators/v1/witness.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// Answers AdminService.ListWitnesses.
absl::Status HandleListWitnesses(
    OperatorCall& call, const operators::v1::ListWitnessesRequest& request,
    operators::v1::ListWitnessesResponse& response);

// Answers AdminService.ReconcileLogs: two exchanges with the partner.
// PARTNER_COLLECTS, PEER_UNREACHABLE and the like if it cannot be asked;
// LOG_FORKED if either log lost what the other side holds of it.
absl::Status HandleReconcileLogs(
    OperatorCall& call, const operators::v1::ReconcileLogsRequest& request,
    operators::v1::ReconcileLogsResponse& response);

}  // namespace comity
