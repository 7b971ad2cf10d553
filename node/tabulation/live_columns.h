#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/domain/table_columns.h"
#include "node/domain/table_grid.h"
#include "node/domain/table_question.h"
#include "node/tabulation/coded_case.h"
#include "node/tabulation/packed_numbers.h"
#include "node/tabulation/place_index.h"

namespace comity {

// Danger: an exact table of what is there now. It is for the own people alone
// and is released to nobody (design.md law 8).
struct LiveCounts {
  TableGrid grid;
  // How many rows are in each cell; of a quantile, how many have a duration.
  std::vector<uint64_t> rows;
  // Of a quantile only: for each cell the durations, ascending.
  std::vector<std::vector<uint32_t>> days = {};
};

// The coded columns of all cases as they are now, whatever their year, or of
// all referrals: rows come, change and go. In each column the different sets of
// codes that rows have are numbered, and a row is one number a column. Not
// thread-safe.
class LiveColumns {
 public:
  explicit LiveColumns(CountedUnit unit);

  // Adds the row of a key, or replaces it. `person` is the key of the person
  // whose row it is, of a person's own the same. `coded` has all columns of
  // the unit.
  void Put(uint64_t key, uint64_t person, const CodedCase& coded);
  // Does nothing if there is no such row.
  void Remove(uint64_t key);

  bool Holds(uint64_t key) const {
    return index_.Find(key, keys_) != PlaceIndex::kNone;
  }
  size_t size() const { return index_.size(); }
  // Memory that rows take, with what finds them and room to grow; the different
  // sets of codes, which are few, are not in it.
  size_t BytesOfRows() const;

  // Counts the rows of the question's year; rows of persons whom `counts` does
  // not know are left out. A row with several codes in a column counts under
  // each and once in every margin. FIELD_INVALID if the table is too large.
  absl::StatusOr<LiveCounts> Count(
      const TableQuestion& question,
      const std::function<bool(uint64_t)>& counts) const;

 private:
  struct Column {
    const TableColumn* named;
    std::vector<std::string> codes;  // by place, in order of appearance
    std::map<std::string, uint32_t> place_of;
    std::vector<std::vector<uint32_t>> sets;  // of places
    std::map<std::vector<uint32_t>, uint32_t> number_of;
    PackedNumbers rows;
  };
  class Counter;

  static uint32_t NumberOf(Column& column,
                           const std::vector<std::string>& codes);
  const Column& ColumnNamed(const std::string& name) const;
  uint64_t PersonOf(size_t row) const {
    return unit_ == CountedUnit::kPerson ? keys_[row] : persons_[row];
  }
  // A place of the key's own: its last, one that is free, or a new one.
  size_t PlaceOf(uint64_t key);

  CountedUnit unit_;
  std::vector<Column> columns_;  // of the unit, as AllTableColumns()
  PackedNumbers years_;          // 0: no row
  std::vector<uint64_t> keys_;   // by place; of a free one the last that it had
  std::vector<uint64_t> persons_;  // of referrals; a person's is her key
  PlaceIndex index_;
  std::vector<uint32_t> free_;  // places without a row
};

}  // namespace comity
