#pragma once

#include <string>

#include "comity/record/v1/case_record.pb.h"
#include "tests/proof/linked_node.h"

namespace comity {

// Calls on the own cases whose handlers stand in no header: what they do in
// their commit.

// A case with these fields, screened: kept from Togo alone.
absl::Status MakeScreenedCase(LinkedNode& node, const Uuid& id,
                              record::v1::CaseRecord record);
// An adult with needs and a state of health.
record::v1::CaseRecord PlainRecord(const std::string& reference);

// A new danger screening that keeps the case from `excluded`.
absl::Status ScreenCase(LinkedNode& node, const std::string& reference,
                        const std::string& excluded);

}  // namespace comity
