#pragma once

#include "comity/operators/v1/subject_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// The handlers of SubjectService; see the proto.
absl::Status HandleGetSubjectReport(
    OperatorCall& call, const operators::v1::GetSubjectReportRequest& request,
    operators::v1::GetSubjectReportResponse& response);
absl::Status HandleRequestSubjectAccount(
    OperatorCall& call,
    const operators::v1::RequestSubjectAccountRequest& request,
    operators::v1::RequestSubjectAccountResponse& response);

absl::Status HandleEraseSubject(
    OperatorCall& call, const operators::v1::EraseSubjectRequest& request,
    operators::v1::EraseSubjectResponse& response);
absl::Status HandleListErasures(
    OperatorCall& call, const operators::v1::ListErasuresRequest& request,
    operators::v1::ListErasuresResponse& response);

}  // namespace comity
