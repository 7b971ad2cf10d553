#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "comity/record/v1/case_record.pb.h"
#include "node/domain/danger.h"
#include "node/wire/case_record.h"

namespace comity {

// A value that the record has no place for. It is not a fault: the row is
// imported without it, and the import's report counts it.
struct UnplacedValue {
  std::string column;  // as in the file
  std::string value;   // a code of the dialect, so no word about a person
  std::string reason;
};

// One row of an import: a record with its screening, or faults.
struct ImportRow {
  uint64_t line = 0;
  record::v1::CaseRecord record;
  std::optional<DangerScreening> screening;  // nullopt: the file has none
  std::vector<UnplacedValue> unplaced;
  std::vector<RecordFault> faults;  // any: the row is rejected
};

}  // namespace comity
