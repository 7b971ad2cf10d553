#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/record/v1/case_record.pb.h"

namespace comity {

// A record of NAME=VALUE pairs as people write them, with HTCDS names, read by
// the import's reader. FIELD_INVALID says what is allowed, for a name which one
// was probably meant; FIELD_MISSING without a reference.
absl::StatusOr<record::v1::CaseRecord> ParseCaseFields(
    const std::vector<std::string>& fields);

}  // namespace comity
