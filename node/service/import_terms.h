#pragma once

#include "comity/operators/v1/case_service.pb.h"
#include "node/service/operator_gate.h"
#include "node/wire/case_import.h"

namespace comity {

// What the request says of the file to be imported. FIELD_INVALID for a dialect
// that there is not, a year out of range, and a prefix of references that is
// none or lacks the file's digest.
absl::StatusOr<ImportTerms> TermsOf(
    const OperatorCall& call, const operators::v1::BeginImportRequest& request);

}  // namespace comity
