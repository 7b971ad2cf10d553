#include "node/tabulation/live_columns.h"

#include <algorithm>
#include <array>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/domain/measure.h"

namespace comity {
namespace {

constexpr size_t kMostCells = 1'000'000;
constexpr size_t kMostDimensions = 4;

// One number of a set for each dimension.
using Combination = std::array<uint32_t, kMostDimensions>;

}  // namespace

LiveColumns::LiveColumns(CountedUnit unit) : unit_(unit) {
  for (const TableColumn& named : AllTableColumns()) {
    if (named.unit != unit) continue;
    Column column{&named, {}, {}, {}, {}, {}};
    for (const std::string& code : named.codes) {
      column.place_of.emplace(code, column.codes.size());
      column.codes.push_back(code);
    }
    columns_.push_back(std::move(column));
  }
}

uint32_t LiveColumns::NumberOf(Column& column,
                               const std::vector<std::string>& codes) {
  std::vector<uint32_t> places;
  for (const std::string& code : codes) {
    const auto [at, added] = column.place_of.emplace(
        code, static_cast<uint32_t>(column.codes.size()));
    if (added) column.codes.push_back(code);
    places.push_back(at->second);
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  const auto [at, added] = column.number_of.emplace(
      places, static_cast<uint32_t>(column.sets.size()));
  if (added) column.sets.push_back(std::move(places));
  return at->second;
}

const LiveColumns::Column& LiveColumns::ColumnNamed(
    const std::string& name) const {
  return *std::find_if(
      columns_.begin(), columns_.end(),
      [&name](const Column& column) { return column.named->name == name; });
}

size_t LiveColumns::PlaceOf(uint64_t key) {
  const uint32_t found = index_.Find(key, keys_);
  if (found != PlaceIndex::kNone) return found;
  size_t place = keys_.size();
  if (!free_.empty()) {
    place = free_.back();
    free_.pop_back();
    keys_[place] = key;
  } else {
    MakeRoom(1, keys_);
    keys_.push_back(key);
    if (unit_ != CountedUnit::kPerson) {
      MakeRoom(1, persons_);
      persons_.push_back(0);
    }
    years_.Add(0);
    for (Column& column : columns_) column.rows.Add(0);
  }
  index_.Insert(static_cast<uint32_t>(place), keys_);
  return place;
}

void LiveColumns::Put(uint64_t key, uint64_t person, const CodedCase& coded) {
  const size_t place = PlaceOf(key);
  if (unit_ != CountedUnit::kPerson) persons_[place] = person;
  years_.Set(place, static_cast<uint32_t>(std::max(coded.year, 0)));
  for (Column& column : columns_) {
    column.rows.Set(place,
                    NumberOf(column, coded.columns.at(column.named->name)));
  }
}

void LiveColumns::Remove(uint64_t key) {
  const uint32_t place = index_.Find(key, keys_);
  if (place == PlaceIndex::kNone) return;
  index_.Erase(key, keys_);
  years_.Set(place, 0);
  free_.push_back(place);
}

size_t LiveColumns::BytesOfRows() const {
  size_t bytes = years_.bytes() + index_.bytes() +
                 keys_.capacity() * sizeof(uint64_t) +
                 persons_.capacity() * sizeof(uint64_t) +
                 free_.capacity() * sizeof(uint32_t);
  for (const Column& column : columns_) bytes += column.rows.bytes();
  return bytes;
}

// Counts rows by the combination of their sets first, then adds each
// combination to the cells of its codes.
class LiveColumns::Counter {
 public:
  Counter(const LiveColumns& live, const TableQuestion& question)
      : live_(live), grid_(GridOf(live, question)) {
    for (const std::string& name : question.dimensions()) {
      const Column& column = live.ColumnNamed(name);
      by_.push_back(&column);
      orders_.push_back(OrderOf(column));
    }
    for (const auto& [name, values] : question.filters()) {
      filters_.push_back(FilterBy(live.ColumnNamed(name), values));
    }
  }

  const TableGrid& grid() const { return grid_; }

  // Calls `visit` with each row of the year that counts.
  template <typename Visit>
  void ForEachRow(uint32_t year, const std::function<bool(uint64_t)>& counts,
                  const Visit& visit) const {
    if (year == 0) return;
    for (size_t row = 0; row < live_.keys_.size(); ++row) {
      if (live_.years_[row] != year || !Passes(row) ||
          !counts(live_.PersonOf(row))) {
        continue;
      }
      visit(row);
    }
  }

  Combination CombinationOf(size_t row) const {
    Combination combination{};
    for (size_t axis = 0; axis < by_.size(); ++axis) {
      combination[axis] = by_[axis]->rows[row];
    }
    return combination;
  }

  // The cells that rows of a combination are in.
  std::vector<size_t> CellsOf(const Combination& combination) const {
    std::vector<size_t> cells = {0};
    for (size_t axis = 0; axis < by_.size(); ++axis) {
      const size_t stride = grid_.stride(axis);
      std::vector<size_t> next;
      for (const size_t cell : cells) {
        for (const uint32_t place : by_[axis]->sets[combination[axis]]) {
          next.push_back(cell + orders_[axis][place] * stride);
        }
        next.push_back(cell + orders_[axis].size() * stride);
      }
      cells = std::move(next);
    }
    return cells;
  }

 private:
  struct Filter {
    const PackedNumbers* rows;
    std::vector<char> keeps;  // by number of set
  };

  static TableGrid GridOf(const LiveColumns& live,
                          const TableQuestion& question) {
    std::vector<TableAxis> axes;
    for (const std::string& name : question.dimensions()) {
      const Column& column = live.ColumnNamed(name);
      std::vector<std::string> codes = column.codes;
      std::sort(codes.begin(), codes.end());
      axes.push_back({name, std::move(codes), column.named->IsOpen(),
                      column.named->several});
    }
    return TableGrid(std::move(axes));
  }

  // Where each place of a column's codes stands in the table, which has them
  // sorted.
  static std::vector<size_t> OrderOf(const Column& column) {
    std::vector<size_t> order(column.codes.size());
    size_t at = 0;
    for (const auto& [code, place] : column.place_of) order[place] = at++;
    return order;
  }

  static Filter FilterBy(const Column& column,
                         const std::set<std::string>& values) {
    Filter filter{&column.rows, {}};
    for (const auto& set : column.sets) {
      const bool any = std::any_of(set.begin(), set.end(), [&](uint32_t place) {
        return values.contains(column.codes[place]);
      });
      filter.keeps.push_back(any ? 1 : 0);
    }
    return filter;
  }

  bool Passes(size_t row) const {
    return std::all_of(filters_.begin(), filters_.end(),
                       [row](const Filter& filter) {
                         return filter.keeps[(*filter.rows)[row]] != 0;
                       });
  }

  const LiveColumns& live_;
  TableGrid grid_;
  std::vector<const Column*> by_;
  std::vector<std::vector<size_t>> orders_;
  std::vector<Filter> filters_;
};

absl::StatusOr<LiveCounts> LiveColumns::Count(
    const TableQuestion& question,
    const std::function<bool(uint64_t)>& counts) const {
  const Counter counter(*this, question);
  if (counter.grid().size() > kMostCells) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the table is too large; leave a dimension out");
  }
  LiveCounts table{counter.grid(), {}};
  table.rows.resize(table.grid.size());
  const auto year = static_cast<uint32_t>(question.year());
  const auto quantile = QuantileOf(question.measure());
  if (!quantile.has_value()) {
    absl::flat_hash_map<Combination, uint64_t> combined;
    counter.ForEachRow(year, counts, [&](size_t row) {
      ++combined[counter.CombinationOf(row)];
    });
    for (const auto& [combination, rows] : combined) {
      for (const size_t cell : counter.CellsOf(combination)) {
        table.rows[cell] += rows;
      }
    }
    return table;
  }
  const Column& measured = ColumnNamed(quantile->column);
  table.days.resize(table.grid.size());
  counter.ForEachRow(year, counts, [&](size_t row) {
    const auto& set = measured.sets[measured.rows[row]];
    uint32_t days = 0;
    if (set.empty() || !absl::SimpleAtoi(measured.codes[set[0]], &days)) return;
    for (const size_t cell : counter.CellsOf(counter.CombinationOf(row))) {
      ++table.rows[cell];
      table.days[cell].push_back(days);
    }
  });
  for (auto& days : table.days) std::sort(days.begin(), days.end());
  return table;
}

}  // namespace comity
