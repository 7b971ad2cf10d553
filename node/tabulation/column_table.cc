#include "node/tabulation/column_table.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "node/domain/measure.h"
#include "node/domain/table_columns.h"
#include "node/tabulation/code_cap.h"

namespace comity {
namespace {

// Combinations of sets that are counted in one array; more are counted in a
// hash table.
constexpr size_t kMostInArray = size_t{1} << 20;
// Several counts of more combinations stay in no cache of a core's.
constexpr size_t kMostInTurns = 512;

// The codes that a column can show, sorted.
std::vector<std::string> CodesOf(const std::vector<const CodedCase*>& cases,
                                 const TableColumn& column) {
  std::set<std::string> codes(column.codes.begin(), column.codes.end());
  for (const CodedCase* coded : cases) {
    const auto& values = coded->columns.at(column.name);
    codes.insert(values.begin(), values.end());
  }
  return {codes.begin(), codes.end()};
}

}  // namespace

void PeriodColumns::Rows::Add(uint32_t set) {
  constexpr uint32_t kMostNarrow = 0xffff;
  if (wide_.empty() && set <= kMostNarrow) {
    narrow_.push_back(static_cast<uint16_t>(set));
    return;
  }
  if (wide_.empty()) {
    wide_.assign(narrow_.begin(), narrow_.end());
    narrow_ = {};
  }
  wide_.push_back(set);
}

PeriodColumns::Column PeriodColumns::ColumnOf(
    const std::vector<const CodedCase*>& rows, const std::string& name) {
  Column column;
  column.collected = true;
  column.codes = CodesOf(rows, *FindTableColumn(name));
  std::map<std::vector<uint32_t>, uint32_t> sets;
  for (const CodedCase* coded : rows) {
    std::vector<uint32_t> places;
    for (const std::string& value : coded->columns.at(name)) {
      places.push_back(static_cast<uint32_t>(
          std::lower_bound(column.codes.begin(), column.codes.end(), value) -
          column.codes.begin()));
    }
    std::sort(places.begin(), places.end());
    const auto [at, added] =
        sets.emplace(places, static_cast<uint32_t>(column.sets.size()));
    if (added) column.sets.push_back(std::move(places));
    column.rows.Add(at->second);
  }
  return column;
}

PeriodColumns PeriodColumns::Of(
    const std::vector<CodedCase>& cases, int year,
    const std::function<uint64_t(const Uuid&)>& record_key,
    const std::set<std::string>& not_collected, CountedUnit unit) {
  std::vector<std::pair<uint64_t, const CodedCase*>> keyed;
  for (const CodedCase& coded : cases) {
    if (coded.year != year) continue;
    keyed.emplace_back(record_key(coded.case_id), &coded);
  }
  std::sort(keyed.begin(), keyed.end());
  PeriodColumns period;
  std::vector<const CodedCase*> rows;
  for (const auto& [key, coded] : keyed) {
    period.keys_.push_back(key);
    rows.push_back(coded);
  }
  for (const TableColumn& named : AllTableColumns()) {
    const bool collected =
        named.unit == unit && !not_collected.contains(named.name);
    period.columns_.push_back(collected ? ColumnOf(rows, named.name)
                                        : Column());
  }
  return period;
}

bool PeriodColumns::Holds(uint64_t record_key) const {
  return std::binary_search(keys_.begin(), keys_.end(), record_key);
}

bool PeriodColumns::HoldsAllOf(const PeriodColumns& other) const {
  return std::includes(keys_.begin(), keys_.end(), other.keys_.begin(),
                       other.keys_.end());
}

std::vector<size_t> PeriodColumns::SameSets(const Column& before,
                                            const Column& now) {
  const auto codes_of = [](const Column& column,
                           const std::vector<uint32_t>& set) {
    std::vector<std::string> codes;
    for (const uint32_t place : set) codes.push_back(column.codes[place]);
    return codes;
  };
  std::map<std::vector<std::string>, size_t> numbers;
  for (size_t set = 0; set < now.sets.size(); ++set) {
    numbers.emplace(codes_of(now, now.sets[set]), set);
  }
  std::vector<size_t> same;
  for (const auto& set : before.sets) {
    const auto found = numbers.find(codes_of(before, set));
    same.push_back(found == numbers.end() ? now.sets.size() : found->second);
  }
  return same;
}

uint64_t PeriodColumns::ChangedSince(const PeriodColumns& other) const {
  std::vector<char> changed(keys_.size(), 1);
  std::vector<size_t> here;  // where the rows of `other` are
  size_t row = 0;
  for (const uint64_t key : other.keys_) {
    while (row < keys_.size() && keys_[row] < key) ++row;
    if (row == keys_.size()) return keys_.size();
    changed[row] = 0;
    here.push_back(row++);
  }
  for (size_t at = 0; at < columns_.size(); ++at) {
    const Column& before = other.columns_[at];
    const Column& now = columns_[at];
    if (!before.collected || !now.collected) continue;
    const std::vector<size_t> same = SameSets(before, now);
    for (size_t i = 0; i < here.size(); ++i) {
      if (same[before.rows[i]] != now.rows[here[i]]) changed[here[i]] = 1;
    }
  }
  return static_cast<uint64_t>(std::count(changed.begin(), changed.end(), 1));
}

size_t PeriodColumns::BytesOfPerson() const {
  size_t bytes = sizeof(keys_[0]);
  for (const Column& column : columns_) {
    if (column.collected) bytes += column.rows.width();
  }
  return bytes;
}

std::string PeriodColumns::NotCollected(const TableQuestion& question) const {
  const auto lacks = [this](const std::string& name) {
    return !columns_[TableColumnIndex(name)].collected;
  };
  for (const std::string& name : question.dimensions()) {
    if (lacks(name)) return name;
  }
  for (const auto& [name, values] : question.filters()) {
    if (lacks(name)) return name;
  }
  const auto quantile = QuantileOf(question.measure());
  if (quantile.has_value() && lacks(quantile->column)) return quantile->column;
  return "";
}

std::vector<char> PeriodColumns::KeptRows(const TableQuestion& question) const {
  std::vector<char> kept(keys_.size(), 1);
  for (const auto& [name, values] : question.filters()) {
    const Column& column = columns_[TableColumnIndex(name)];
    std::vector<char> keeps;
    for (const auto& set : column.sets) {
      const bool any = std::any_of(
          set.begin(), set.end(), [&column, &wanted = values](uint32_t place) {
            return wanted.contains(column.codes[place]);
          });
      keeps.push_back(any ? 1 : 0);
    }
    for (size_t row = 0; row < kept.size(); ++row) {
      kept[row] = static_cast<char>(kept[row] & keeps[column.rows[row]]);
    }
  }
  return kept;
}

TableGrid PeriodColumns::GridOf(const TableQuestion& question) const {
  std::vector<TableAxis> axes;
  for (const std::string& name : question.dimensions()) {
    const TableColumn& column = *FindTableColumn(name);
    axes.push_back({name, columns_[TableColumnIndex(name)].codes,
                    column.IsOpen(), column.several});
  }
  return TableGrid(std::move(axes));
}

// Counts persons by the combination of their sets first, which touches each
// person once; then adds each combination to the cells of its codes.
class PeriodColumns::Counter {
 public:
  Counter(const PeriodColumns& period, const TableQuestion& question,
          size_t most_codes)
      : table_{period.GridOf(question), {}}, most_codes_(most_codes) {
    table_.cells.resize(table_.grid.size());
    for (const std::string& name : question.dimensions()) {
      columns_.push_back(&period.columns_[TableColumnIndex(name)]);
    }
    for (const Column* column : columns_) combinations_ *= column->sets.size();
    const std::vector<char> kept = question.filters().empty()
                                       ? std::vector<char>()
                                       : period.KeptRows(question);
    if (combinations_ <= kMostInTurns) {
      CountInArray<4>(period.keys_, kept);
    } else if (combinations_ <= kMostInArray) {
      CountInArray<1>(period.keys_, kept);
    } else {
      CountInHash(period.keys_, kept);
    }
  }

  ExactTable TakeTable() { return std::move(table_); }

 private:
  size_t CombinationOf(size_t row) const {
    size_t combination = 0;
    for (const Column* column : columns_) {
      combination = combination * column->sets.size() + column->rows[row];
    }
    return combination;
  }

  bool AllNarrow() const {
    return std::all_of(
        columns_.begin(), columns_.end(),
        [](const Column* column) { return column->rows.narrow() != nullptr; });
  }

  // Calls `each` with how the combination of a row is found. Shapes of narrow
  // columns have loops of their own: they are twice as fast.
  template <typename Each>
  void ByShape(const Each& each) const {
    if (!AllNarrow() || columns_.empty() || columns_.size() > 3) {
      each([this](size_t row) { return CombinationOf(row); });
      return;
    }
    const uint16_t* a = columns_[0]->rows.narrow();
    if (columns_.size() == 1) {
      each([=](size_t row) { return size_t{a[row]}; });
      return;
    }
    const uint16_t* b = columns_[1]->rows.narrow();
    const size_t bs = columns_[1]->sets.size();
    if (columns_.size() == 2) {
      each([=](size_t row) { return a[row] * bs + b[row]; });
      return;
    }
    const uint16_t* c = columns_[2]->rows.narrow();
    const size_t cs = columns_[2]->sets.size();
    each([=](size_t row) { return (a[row] * bs + b[row]) * cs + c[row]; });
  }

  // Rows take turns in several counts of a combination: of neighbours with the
  // same codes, one would wait until the other is written.
  template <size_t kTurns>
  void CountInArray(const std::vector<uint64_t>& keys,
                    const std::vector<char>& kept) {
    std::vector<ExactCount> counts(combinations_ * kTurns);
    const bool all = kept.empty();
    ByShape([&](const auto& combination_of) {
      for (size_t row = 0; row < keys.size(); ++row) {
        if (!all && kept[row] == 0) continue;
        ExactCount& count = counts[combination_of(row) * kTurns + row % kTurns];
        ++count.persons;
        count.key_sum += keys[row];
      }
    });
    for (size_t i = 0; i < combinations_; ++i) {
      ExactCount sum;
      for (size_t turn = 0; turn < kTurns; ++turn) {
        sum.persons += counts[i * kTurns + turn].persons;
        sum.key_sum += counts[i * kTurns + turn].key_sum;
      }
      if (sum.persons > 0) Spread(i, sum);
    }
  }

  void CountInHash(const std::vector<uint64_t>& keys,
                   const std::vector<char>& kept) {
    absl::flat_hash_map<size_t, ExactCount> counts;
    for (size_t row = 0; row < keys.size(); ++row) {
      if (!kept.empty() && kept[row] == 0) continue;
      ExactCount& count = counts[CombinationOf(row)];
      ++count.persons;
      count.key_sum += keys[row];
    }
    for (const auto& [combination, count] : counts) Spread(combination, count);
  }

  // Adds a combination's persons to every cell that they are in.
  void Spread(size_t combination, const ExactCount& count) {
    std::vector<size_t> cells = {0};
    for (size_t axis = columns_.size(); axis-- > 0;) {
      const Column& column = *columns_[axis];
      const auto& all = column.sets[combination % column.sets.size()];
      const std::vector<uint32_t> capped = all.size() > most_codes_
                                               ? CappedCodes(all, most_codes_)
                                               : std::vector<uint32_t>();
      const auto& set = capped.empty() ? all : capped;
      combination /= column.sets.size();
      std::vector<size_t> next;
      for (const size_t cell : cells) {
        for (const uint32_t place : set) {
          next.push_back(cell + place * table_.grid.stride(axis));
        }
        next.push_back(cell + column.codes.size() * table_.grid.stride(axis));
      }
      cells = std::move(next);
    }
    for (const size_t cell : cells) {
      table_.cells[cell].persons += count.persons;
      table_.cells[cell].key_sum += count.key_sum;
    }
  }

  ExactTable table_;
  size_t most_codes_;
  std::vector<const Column*> columns_;
  size_t combinations_ = 1;
};

ExactTable PeriodColumns::Count(const TableQuestion& question,
                                size_t most_codes) const {
  return Counter(*this, question, most_codes).TakeTable();
}

}  // namespace comity
