#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "node/base/status_macros.h"
#include "node/store/sqlite/database.h"

namespace comity {

// Every row that is left of a statement, each read by `row_of`.
template <typename Row>
absl::StatusOr<std::vector<Row>> AllRows(
    SqliteStatement& rows,
    absl::StatusOr<Row> (*row_of)(const SqliteStatement&)) {
  std::vector<Row> all;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return all;
    ASSIGN_OR_RETURN(Row row, row_of(rows));
    all.push_back(std::move(row));
  }
}

}  // namespace comity
