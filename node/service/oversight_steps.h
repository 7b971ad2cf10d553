#pragma once

#include "comity/operators/v1/oversight_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// The handlers of OversightService, one for each call; see the proto.

absl::Status HandleListInbox(OperatorCall& call,
                             const operators::v1::ListInboxRequest& request,
                             operators::v1::ListInboxResponse& response);
absl::Status HandleDecideApproval(
    OperatorCall& call, const operators::v1::DecideApprovalRequest& request,
    operators::v1::DecideApprovalResponse& response);
absl::Status HandleDeclareEmergency(
    OperatorCall& call, const operators::v1::DeclareEmergencyRequest& request,
    operators::v1::DeclareEmergencyResponse& response);
absl::Status HandleConfirmEmergency(
    OperatorCall& call, const operators::v1::ConfirmEmergencyRequest& request,
    operators::v1::ConfirmEmergencyResponse& response);
absl::Status HandleEndEmergency(
    OperatorCall& call, const operators::v1::EndEmergencyRequest& request,
    operators::v1::EndEmergencyResponse& response);
absl::Status HandleListEmergencies(
    OperatorCall& call, const operators::v1::ListEmergenciesRequest& request,
    operators::v1::ListEmergenciesResponse& response);
absl::Status HandleReviewEmergency(
    OperatorCall& call, const operators::v1::ReviewEmergencyRequest& request,
    operators::v1::ReviewEmergencyResponse& response);

// All emergencies, newest first, at most 100, as operators see them.
absl::StatusOr<std::vector<operators::v1::Emergency>> ReadEmergencies(
    const OperatorCall& call);

}  // namespace comity
