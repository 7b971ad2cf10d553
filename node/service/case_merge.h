#pragma once

#include "comity/operators/v1/case_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// Two records of one person become one case; see the proto.

absl::Status HandlePreviewMerge(
    OperatorCall& call, const operators::v1::PreviewMergeRequest& request,
    operators::v1::PreviewMergeResponse& response);
absl::Status HandleMergeCases(OperatorCall& call,
                              const operators::v1::MergeCasesRequest& request,
                              operators::v1::MergeCasesResponse& response);

}  // namespace comity
