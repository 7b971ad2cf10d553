#pragma once

#include "comity/operators/v1/admin_service.pb.h"
#include "node/base/error_reason.h"
#include "node/service/operator_gate.h"

namespace comity {

// What one line of the status says; a bad one says why and what to do.
using StatusChecks =
    google::protobuf::RepeatedPtrField<operators::v1::StatusCheck>;
void AddGood(StatusChecks& checks, absl::string_view subject,
             absl::string_view detail);
void AddBad(StatusChecks& checks, absl::string_view subject, ErrorReason reason,
            absl::string_view detail, absl::string_view fix);

// Answers AdminService.GetStatus: what works at this node and with each partner
// and, where something does not, why and what to do.
absl::Status HandleStatus(OperatorCall& call,
                          const operators::v1::GetStatusRequest& request,
                          operators::v1::GetStatusResponse& response);

}  // namespace comity
