#include "node/tabulation/column_table.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "node/base/error_reason.h"
#include "node/domain/table_columns.h"

namespace comity {
namespace {

constexpr uint64_t kVersion = 2;
constexpr uint64_t kVersionWithoutKeys = 1;

// Combinations of sets that are counted in one array; more are counted in a
// hash table.
constexpr size_t kMostInArray = size_t{1} << 20;

void AppendNumber(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) {
    out.push_back(static_cast<char>(value | 0x80));
  }
  out.push_back(static_cast<char>(value));
}

// Reads LEB128 numbers and texts; after a fault everything is zero.
class Reader {
 public:
  explicit Reader(absl::string_view in) : in_(in) {}
  uint64_t Number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      if (in_.empty()) return Fail();
      const auto byte = static_cast<unsigned char>(in_[0]);
      in_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return Fail();
  }
  // A number below `limit`.
  uint32_t Below(uint64_t limit) {
    const uint64_t number = Number();
    return static_cast<uint32_t>(number < limit ? number : Fail());
  }
  // A count of things that take at least a byte each.
  uint64_t Count() {
    const uint64_t count = Number();
    return count > in_.size() ? Fail() : count;
  }
  std::string Text() {
    const uint64_t size = Count();
    std::string text(in_.substr(0, size));
    in_.remove_prefix(std::min<size_t>(size, in_.size()));
    return text;
  }
  uint64_t Fixed64() {
    if (in_.size() < 8) return Fail();
    uint64_t value = 0;
    for (const char byte : in_.substr(0, 8)) {
      value = value << 8 | static_cast<unsigned char>(byte);
    }
    in_.remove_prefix(8);
    return value;
  }
  bool ok() const { return ok_; }
  bool AtEnd() const { return ok_ && in_.empty(); }

 private:
  uint64_t Fail() {
    ok_ = false;
    in_ = {};
    return 0;
  }
  absl::string_view in_;
  bool ok_ = true;
};

std::vector<std::string> ReadDictionary(Reader& in) {
  std::vector<std::string> dictionary;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    dictionary.push_back(in.Text());
  }
  return dictionary;
}

// Places of one set in a dictionary of `codes` codes.
std::vector<uint32_t> ReadNumbers(Reader& in, size_t codes) {
  std::vector<uint32_t> numbers;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    numbers.push_back(in.Below(codes));
  }
  return numbers;
}

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

PeriodColumns PeriodColumns::Of(
    const std::vector<CodedCase>& cases, int year,
    const std::function<uint64_t(const Uuid&)>& record_key) {
  std::vector<std::pair<uint64_t, const CodedCase*>> keyed;
  for (const CodedCase& coded : cases) {
    if (coded.year == year)
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
    Column column;
    column.codes = CodesOf(rows, named);
    std::map<std::vector<uint32_t>, uint32_t> sets;
    for (const CodedCase* coded : rows) {
      std::vector<uint32_t> places;
      for (const std::string& value : coded->columns.at(named.name)) {
        places.push_back(static_cast<uint32_t>(
            std::lower_bound(column.codes.begin(), column.codes.end(), value) -
            column.codes.begin()));
      }
      std::sort(places.begin(), places.end());
      const auto [at, added] =
          sets.emplace(places, static_cast<uint32_t>(column.sets.size()));
      if (added) column.sets.push_back(std::move(places));
      column.rows.push_back(at->second);
    }
    period.columns_.push_back(std::move(column));
  }
  return period;
}

std::string PeriodColumns::Serialize() const {
  std::string out;
  AppendNumber(out, kVersion);
  AppendNumber(out, columns_.size());
  AppendNumber(out, keys_.size());
  for (const Column& column : columns_) {
    AppendNumber(out, column.codes.size());
    for (const std::string& code : column.codes) {
      AppendNumber(out, code.size());
      out += code;
    }
    AppendNumber(out, column.sets.size());
    for (const auto& set : column.sets) {
      AppendNumber(out, set.size());
      for (const uint32_t place : set) AppendNumber(out, place);
    }
    for (const uint32_t row : column.rows) AppendNumber(out, row);
  }
  for (const uint64_t key : keys_) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      out.push_back(static_cast<char>(key >> shift & 0xff));
    }
  }
  return out;
}

absl::StatusOr<PeriodColumns> PeriodColumns::Parse(absl::string_view bytes) {
  Reader in(bytes);
  PeriodColumns period;
  const uint64_t version = in.Number();
  if (version == kVersionWithoutKeys) {
    return ReasonError(ErrorReason::kPeriodNotPublished,
                       "the period was published by an older build, without "
                       "what protected tables need; publish it again");
  }
  const bool valid =
      version == kVersion && in.Count() == AllTableColumns().size();
  const uint64_t rows = valid ? in.Count() : 0;
  for (size_t i = 0; valid && i < AllTableColumns().size(); ++i) {
    Column column;
    column.codes = ReadDictionary(in);
    for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
      column.sets.push_back(ReadNumbers(in, column.codes.size()));
    }
    for (uint64_t n = rows; n > 0 && in.ok(); --n) {
      column.rows.push_back(in.Below(column.sets.size()));
    }
    period.columns_.push_back(std::move(column));
  }
  for (uint64_t n = rows; n > 0 && in.ok(); --n) {
    period.keys_.push_back(in.Fixed64());
  }
  if (!valid || !in.AtEnd()) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "a published snapshot does not parse");
  }
  return period;
}

std::vector<char> PeriodColumns::KeptRows(const TableQuestion& question) const {
  std::vector<char> kept(keys_.size(), 1);
  for (const auto& [name, values] : question.filters()) {
    const Column& column = columns_[TableColumnIndex(name)];
    std::vector<char> keeps;
    for (const auto& set : column.sets) {
      keeps.push_back(std::any_of(set.begin(), set.end(),
                                  [&column, &wanted = values](uint32_t place) {
                                    return wanted.contains(column.codes[place]);
                                  }));
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
  Counter(const PeriodColumns& period, const TableQuestion& question)
      : table_{period.GridOf(question), {}} {
    table_.cells.resize(table_.grid.size());
    for (const std::string& name : question.dimensions()) {
      columns_.push_back(&period.columns_[TableColumnIndex(name)]);
    }
    for (const Column* column : columns_) combinations_ *= column->sets.size();
    const std::vector<char> kept = question.filters().empty()
                                       ? std::vector<char>()
                                       : period.KeptRows(question);
    if (combinations_ <= kMostInArray) {
      CountInArray(period.keys_, kept);
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

  void CountInArray(const std::vector<uint64_t>& keys,
                    const std::vector<char>& kept) {
    std::vector<ExactCount> counts(combinations_);
    const auto each = [&](const auto& combination_of) {
      for (size_t row = 0; row < keys.size(); ++row) {
        if (!kept.empty() && !kept[row]) continue;
        ExactCount& count = counts[combination_of(row)];
        ++count.persons;
        count.key_sum += keys[row];
      }
    };
    // The most common shape has a loop of its own: it is twice as fast.
    if (columns_.size() == 3) {
      const uint32_t* a = columns_[0]->rows.data();
      const uint32_t* b = columns_[1]->rows.data();
      const uint32_t* c = columns_[2]->rows.data();
      const size_t bs = columns_[1]->sets.size();
      const size_t cs = columns_[2]->sets.size();
      each([=](size_t row) { return (a[row] * bs + b[row]) * cs + c[row]; });
    } else {
      each([this](size_t row) { return CombinationOf(row); });
    }
    for (size_t i = 0; i < counts.size(); ++i) {
      if (counts[i].persons > 0) Spread(i, counts[i]);
    }
  }

  void CountInHash(const std::vector<uint64_t>& keys,
                   const std::vector<char>& kept) {
    absl::flat_hash_map<size_t, ExactCount> counts;
    for (size_t row = 0; row < keys.size(); ++row) {
      if (!kept.empty() && !kept[row]) continue;
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
      const auto& set = column.sets[combination % column.sets.size()];
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
  std::vector<const Column*> columns_;
  size_t combinations_ = 1;
};

ExactTable PeriodColumns::Count(const TableQuestion& question) const {
  return Counter(*this, question).TakeTable();
}

}  // namespace comity
