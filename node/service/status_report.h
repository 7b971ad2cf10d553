#pragma once

#include "comity/operators/v1/admin_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// Answers AdminService.GetStatus: what works at this node and with each partner
// and, where something does not, why and what to do.
absl::Status HandleStatus(OperatorCall& call,
                          const operators::v1::GetStatusRequest& request,
                          operators::v1::GetStatusResponse& response);

}  // namespace comity
