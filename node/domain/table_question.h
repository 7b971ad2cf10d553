#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace comity {

// The columns that tables count by (domain.md section 4).
const std::vector<std::string>& TableColumns();

// A question for counts of persons over one closed period, valid by
// construction. Dimensions and filters are kept in canonical order, so that two
// ways of writing the same question are the same question. Immutable.
class TableQuestion {
 public:
  using Filters = std::map<std::string, std::set<std::string>>;

  // FIELD_INVALID naming what is allowed unless `period` is a year of four
  // digits, there are at most 3 different known dimensions, and every filter
  // names a known column and at least one value. A filter on "year" must agree
  // with the period and is dropped.
  static absl::StatusOr<TableQuestion> Create(
      absl::string_view period, const std::vector<std::string>& dimensions,
      const Filters& filters);

  const std::string& period() const { return period_; }
  int year() const;
  // The last second of the period, UTC: when membership of groups is judged.
  absl::Time LastMoment() const;
  const std::vector<std::string>& dimensions() const { return dimensions_; }
  const Filters& filters() const { return filters_; }

  // The text that identifies the question: what answers are stored under.
  std::string CanonicalForm() const;

 private:
  TableQuestion() = default;
  std::string period_;
  std::vector<std::string> dimensions_;  // sorted
  Filters filters_;
};

// One cell: a code for each dimension, kTotal where the cell is a margin.
inline constexpr const char* kTotal = "total";
struct TableCell {
  std::vector<std::string> codes;
  bool suppressed = false;
  uint64_t value = 0;  // 0 if suppressed

  bool IsInner() const {
    return std::find(codes.begin(), codes.end(), kTotal) == codes.end();
  }
};

// A table after disclosure control: what may leave.
struct ReleasedCells {
  std::vector<TableCell> cells;
};

}  // namespace comity
