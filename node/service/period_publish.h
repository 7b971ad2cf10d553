#pragma once

#include "absl/status/status.h"
#include "comity/operators/v1/table_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// See TableService.PublishPeriod.
absl::Status HandlePublishPeriod(
    OperatorCall& call, const operators::v1::PublishPeriodRequest& request,
    operators::v1::PublishPeriodResponse& response);

}  // namespace comity
