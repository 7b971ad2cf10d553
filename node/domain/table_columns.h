#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace comity {

// What rows of a published period stand for.
enum class CountedUnit : uint8_t { kPerson = 0, kReferral };

// A column that tables count by (domain.md section 4).
struct TableColumn {
  std::string name;
  // The closed code list, sorted: a table lists all of them, whoever has them.
  // "unknown" is one of them unless everybody has another. Empty: countries and
  // participants, listed as they occur.
  std::vector<std::string> codes;
  // A person may have several codes and counts once under each.
  bool several = false;
  CountedUnit unit = CountedUnit::kPerson;
  // Whole numbers that measures are made of (domain/measure.h). No table is by
  // them.
  bool measured = false;

  bool IsOpen() const { return codes.empty(); }
};

// All columns of persons and of referrals, by name; no name stands for both.
const std::vector<TableColumn>& AllTableColumns();

// nullptr if there is no such column.
const TableColumn* FindTableColumn(absl::string_view name);

// Place of a column in AllTableColumns(), which has it.
size_t TableColumnIndex(absl::string_view name);

// What a person has about whom nothing is recorded in a column.
inline constexpr const char* kUnknownCode = "unknown";

}  // namespace comity
