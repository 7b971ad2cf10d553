#pragma once

#include "absl/strings/string_view.h"
#include "node/wire/ctdc_dialect.h"
#include "node/wire/import_row.h"

namespace comity {

// Puts what a cell says into the row's record: nothing for a missing value,
// several codes where it means several. What the record has no place for joins
// the row's unplaced values, what the dialect does not define its faults.
// `name` is the column's name in the file.
void ReadCtdcCell(const CtdcDialect& dialect, const CtdcColumn& column,
                  absl::string_view name, absl::string_view cell,
                  ImportRow& row);

}  // namespace comity
