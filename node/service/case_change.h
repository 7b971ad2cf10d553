#pragma once

#include "comity/operators/v1/case_service.pb.h"
#include "node/service/operator_gate.h"
#include "node/store/case_store.h"

namespace comity {

// How a case changes after it was made.

// Nobody overwrites what she has not seen: VERSION_CONFLICT unless the case is
// still at the version that she saw.
absl::Status CheckVersion(const CaseFacts& facts, uint64_t seen);

// The case of `facts` with another record, and the facts and index terms that
// follow from it.
NewCase WithRecord(const CaseFacts& facts,
                   const record::v1::CaseRecord& record);

// The handlers of CaseService that change a case; see the proto.
absl::Status HandleUpdateCase(OperatorCall& call,
                              const operators::v1::UpdateCaseRequest& request,
                              operators::v1::UpdateCaseResponse& response);
absl::Status HandleCorrectCase(OperatorCall& call,
                               const operators::v1::CorrectCaseRequest& request,
                               operators::v1::CorrectCaseResponse& response);
absl::Status HandleAssignCase(OperatorCall& call,
                              const operators::v1::AssignCaseRequest& request,
                              operators::v1::AssignCaseResponse& response);
absl::Status HandleDelegateCase(
    OperatorCall& call, const operators::v1::DelegateCaseRequest& request,
    operators::v1::DelegateCaseResponse& response);

}  // namespace comity
