#pragma once

#include "absl/status/statusor.h"
#include "comity/operators/v1/table_service.pb.h"
#include "node/domain/table_question.h"

namespace comity {

// The request with the dimensions, filters and measure of the indicator that it
// names,
// and the indicator with its version; unchanged if it names none.
// FIELD_INVALID if there is none, if it is not collected, or if dimensions or
// filters stand beside it.
absl::StatusOr<operators::v1::RequestTableRequest> SpellOut(
    const operators::v1::RequestTableRequest& request);

// Says in the answer what was asked: indicator, period, what is fixed, how many
// answered; and for an indicator its definition, and its shares.
absl::Status DescribeAnswer(const operators::v1::RequestTableRequest& request,
                            const TableQuestion& question,
                            operators::v1::RequestTableResponse& response);

}  // namespace comity
