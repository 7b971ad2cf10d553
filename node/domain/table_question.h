#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/domain/vocabulary.h"

namespace comity {

// A question for one measure over one closed period, valid by construction.
// Dimensions and filters are kept in canonical order, so that two ways of
// writing the same question are the same question. Immutable.
class TableQuestion {
 public:
  using Filters = std::map<std::string, std::set<std::string>>;

  // FIELD_INVALID naming what is allowed unless `period` is a year of four
  // digits, there are at most 3 different known dimensions whose table is not
  // too large, and every filter names a known column that is no dimension, and
  // at least one of its codes. A filter on "year" must agree with the period
  // and is dropped. All columns are of the unit that the measure counts.
  static absl::StatusOr<TableQuestion> Create(
      absl::string_view period, const std::vector<std::string>& dimensions,
      const Filters& filters, Measure measure = Measure::kPersons);
  // The same with up to 4 dimensions of any size, for the own people alone:
  // CheckMayLeave() refuses a fourth. A filter names countries that exist.
  static absl::StatusOr<TableQuestion> CreateAtHome(
      absl::string_view period, const std::vector<std::string>& dimensions,
      const Filters& filters, Measure measure = Measure::kPersons);

  const std::string& period() const { return period_; }
  Measure measure() const { return measure_; }
  int year() const;
  // The last second of the period, UTC: when membership of groups is judged.
  absl::Time LastMoment() const;
  const std::vector<std::string>& dimensions() const { return dimensions_; }
  const Filters& filters() const { return filters_; }

  // FIELD_INVALID unless every cell of the table is a cell of a table of at
  // most 3 dimensions: each filter names one code, which some country or
  // participant can have, and dimensions and filters are at most 3 together.
  // Other questions could be subtracted from each other, or be as many as
  // there are texts.
  absl::Status CheckMayLeave() const;

  // How many cells the table may have, margins included, whoever is in it.
  size_t LargestSize() const;

  // The text that identifies the question: what answers are stored under.
  std::string CanonicalForm() const;

  // The text that identifies a cell of a question that may leave, by its codes
  // in the order of dimensions: the same in every table of the measure that has
  // the cell.
  std::string CellName(const std::vector<std::string>& codes) const;
  // What a cell spells out: column to code, filters included.
  std::map<std::string, std::string> SpelledOut(
      const std::vector<std::string>& codes) const;
  // Whether the table of this question has a cell that spells out just that.
  bool HasCell(const std::map<std::string, std::string>& spelled) const;

 private:
  struct Limits {
    size_t dimensions;
    size_t cells;
  };

  TableQuestion() = default;
  static absl::StatusOr<TableQuestion> CreateWithin(
      const Limits& limits, absl::string_view period,
      const std::vector<std::string>& dimensions, const Filters& filters,
      Measure measure);

  std::string period_;
  Measure measure_ = Measure::kPersons;
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
