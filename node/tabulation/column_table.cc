#include "node/tabulation/column_table.h"

#include <algorithm>
#include <functional>
#include <set>

#include "node/base/error_reason.h"

namespace comity {
namespace {

constexpr uint64_t kVersion = 1;

// Codes that exist even when nobody has them, so that a table's shape tells
// nothing about who is in it.
const std::map<std::string, std::vector<std::string>>& FixedCodes() {
  static const auto* codes =
      new std::map<std::string, std::vector<std::string>>{
          {"sex", {"female", "male"}}, {"age_group", {"0-17", "18+"}}};
  return *codes;
}

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

size_t ColumnIndex(const std::string& column) {
  const auto& columns = TableColumns();
  return static_cast<size_t>(std::find(columns.begin(), columns.end(), column) -
                             columns.begin());
}

// The codes that a column of the period's cases can show, sorted.
std::set<std::string> CodesOf(const std::vector<CodedCase>& cases, int year,
                              const std::string& column) {
  std::set<std::string> codes;
  const auto fixed = FixedCodes().find(column);
  if (fixed != FixedCodes().end()) {
    codes.insert(fixed->second.begin(), fixed->second.end());
  }
  for (const CodedCase& coded : cases) {
    if (coded.year != year) continue;
    const auto& values = coded.columns.at(column);
    codes.insert(values.begin(), values.end());
  }
  return codes;
}

std::vector<std::string> ReadDictionary(Reader& in) {
  std::vector<std::string> dictionary;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    dictionary.push_back(in.Text());
  }
  return dictionary;
}

// The numbers of one row's codes in one column of `codes` codes.
std::vector<uint32_t> ReadNumbers(Reader& in, size_t codes) {
  std::vector<uint32_t> numbers;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    numbers.push_back(in.Below(codes));
  }
  return numbers;
}

}  // namespace

PeriodColumns PeriodColumns::Of(const std::vector<CodedCase>& cases, int year) {
  const auto& columns = TableColumns();
  PeriodColumns period;
  for (const std::string& column : columns) {
    const std::set<std::string> codes = CodesOf(cases, year, column);
    period.dictionaries_.emplace_back(codes.begin(), codes.end());
  }
  for (const CodedCase& coded : cases) {
    if (coded.year != year) continue;
    Row row;
    for (size_t i = 0; i < columns.size(); ++i) {
      const auto& dictionary = period.dictionaries_[i];
      std::vector<uint32_t> numbers;
      for (const std::string& value : coded.columns.at(columns[i])) {
        numbers.push_back(static_cast<uint32_t>(
            std::lower_bound(dictionary.begin(), dictionary.end(), value) -
            dictionary.begin()));
      }
      row.push_back(std::move(numbers));
    }
    period.rows_.push_back(std::move(row));
  }
  std::sort(period.rows_.begin(), period.rows_.end());
  return period;
}

std::string PeriodColumns::Serialize() const {
  std::string out;
  AppendNumber(out, kVersion);
  AppendNumber(out, dictionaries_.size());
  for (const auto& dictionary : dictionaries_) {
    AppendNumber(out, dictionary.size());
    for (const std::string& code : dictionary) {
      AppendNumber(out, code.size());
      out += code;
    }
  }
  AppendNumber(out, rows_.size());
  for (const Row& row : rows_) {
    for (const auto& numbers : row) {
      AppendNumber(out, numbers.size());
      for (const uint32_t number : numbers) AppendNumber(out, number);
    }
  }
  return out;
}

absl::StatusOr<PeriodColumns> PeriodColumns::Parse(absl::string_view bytes) {
  Reader in(bytes);
  PeriodColumns period;
  const bool valid =
      in.Number() == kVersion && in.Count() == TableColumns().size();
  for (size_t i = 0; valid && i < TableColumns().size(); ++i) {
    period.dictionaries_.push_back(ReadDictionary(in));
  }
  for (uint64_t n = valid ? in.Count() : 0; n > 0 && in.ok(); --n) {
    Row row;
    for (const auto& dictionary : period.dictionaries_) {
      row.push_back(ReadNumbers(in, dictionary.size()));
    }
    period.rows_.push_back(std::move(row));
  }
  if (!valid || !in.AtEnd()) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "a published snapshot does not parse");
  }
  return period;
}

bool PeriodColumns::Keeps(const Row& row, const TableQuestion& question) const {
  for (const auto& filter : question.filters()) {
    const size_t index = ColumnIndex(filter.first);
    const bool kept =
        std::any_of(row[index].begin(), row[index].end(), [&](uint32_t number) {
          return filter.second.contains(dictionaries_[index][number]);
        });
    if (!kept) return false;
  }
  return true;
}

ExactTable PeriodColumns::Count(const TableQuestion& question) const {
  ExactTable table;
  table.dimensions = question.dimensions();
  std::vector<size_t> indexes;
  for (const std::string& dimension : table.dimensions) {
    indexes.push_back(ColumnIndex(dimension));
  }
  std::vector<std::string> codes(indexes.size());
  // Visits every combination of one code, or the margin, per dimension.
  const auto each = [&](const auto& options, const auto& visit) {
    const std::function<void(size_t)> step = [&](size_t at) {
      if (at == indexes.size()) {
        visit();
        return;
      }
      for (const std::string& code : options(at)) {
        codes[at] = code;
        step(at + 1);
      }
      codes[at] = kTotal;
      step(at + 1);
    };
    step(0);
  };
  each([&](size_t at) { return dictionaries_[indexes[at]]; },
       [&] { table.counts[codes] = 0; });
  for (const Row& row : rows_) {
    if (!Keeps(row, question)) continue;
    each(
        [&](size_t at) {
          std::vector<std::string> own;
          for (const uint32_t number : row[indexes[at]]) {
            own.push_back(dictionaries_[indexes[at]][number]);
          }
          return own;
        },
        [&] { ++table.counts[codes]; });
  }
  return table;
}

}  // namespace comity
