#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace comity {

// A column that tables count by (domain.md section 4).
struct TableColumn {
  std::string name;
  // The closed code list, sorted: a table lists all of them, whoever has them.
  // "unknown" is one of them unless everybody has another. Empty: countries,
  // listed as they occur.
  std::vector<std::string> codes;
  // A person may have several codes and counts once under each.
  bool several = false;

  bool IsOpen() const { return codes.empty(); }
};

// All columns, by name.
const std::vector<TableColumn>& AllTableColumns();

// nullptr if there is no such column.
const TableColumn* FindTableColumn(absl::string_view name);

// Place of a column in AllTableColumns(), which has it.
size_t TableColumnIndex(absl::string_view name);

// What a person has about whom nothing is recorded in a column.
inline constexpr const char* kUnknownCode = "unknown";

}  // namespace comity
