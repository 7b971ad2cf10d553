#pragma once

#include "absl/status/status.h"
#include "comity/operators/v1/table_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// See TableService.CountTable. LOCAL_ACCESS_DENIED unless the caller may count
// all cases; FIELD_INVALID for a table that is too large.
absl::Status HandleCountTable(OperatorCall& call,
                              const operators::v1::CountTableRequest& request,
                              operators::v1::CountTableResponse& response);

}  // namespace comity
