#include <algorithm>
#include <array>

#include "node/base/error_reason.h"
#include "node/domain/table_columns.h"
#include "node/tabulation/column_table.h"

namespace comity {

// Reads LEB128 numbers and texts; after a fault everything is zero.
class SnapshotReader {
 public:
  explicit SnapshotReader(absl::string_view in) : in_(in) {}
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

namespace {

constexpr uint64_t kVersion = 3;
constexpr uint64_t kVersionWithoutNames = 2;
constexpr uint64_t kVersionWithoutKeys = 1;

// What snapshots of version 2 hold, in order.
constexpr std::array kColumnsOfVersion2 = {
    "age_broad",  "age_group",    "citizenship",
    "decided_by", "exploitation", "exploitation_country",
    "gender",     "sex",          "status"};

void AppendNumber(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) {
    out.push_back(static_cast<char>(value | 0x80));
  }
  out.push_back(static_cast<char>(value));
}

void AppendText(std::string& out, const std::string& text) {
  AppendNumber(out, text.size());
  out += text;
}

std::vector<std::string> ReadDictionary(SnapshotReader& in) {
  std::vector<std::string> dictionary;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    dictionary.push_back(in.Text());
  }
  return dictionary;
}

// Places of one set in a dictionary of `codes` codes.
std::vector<uint32_t> ReadNumbers(SnapshotReader& in, size_t codes) {
  std::vector<uint32_t> numbers;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    numbers.push_back(in.Below(codes));
  }
  return numbers;
}

}  // namespace

std::string PeriodColumns::Serialize() const {
  const auto collected =
      std::count_if(columns_.begin(), columns_.end(),
                    [](const Column& column) { return column.collected; });
  std::string out;
  AppendNumber(out, kVersion);
  AppendNumber(out, static_cast<uint64_t>(collected));
  AppendNumber(out, keys_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    if (!column.collected) continue;
    AppendText(out, AllTableColumns()[i].name);
    AppendNumber(out, column.codes.size());
    for (const std::string& code : column.codes) AppendText(out, code);
    AppendNumber(out, column.sets.size());
    for (const auto& set : column.sets) {
      AppendNumber(out, set.size());
      for (const uint32_t place : set) AppendNumber(out, place);
    }
    for (size_t row = 0; row < keys_.size(); ++row) {
      AppendNumber(out, column.rows[row]);
    }
  }
  for (const uint64_t key : keys_) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      out.push_back(static_cast<char>(key >> shift & 0xff));
    }
  }
  return out;
}

PeriodColumns::Column PeriodColumns::ReadColumn(SnapshotReader& in,
                                                uint64_t rows) {
  Column column;
  column.collected = true;
  column.codes = ReadDictionary(in);
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    column.sets.push_back(ReadNumbers(in, column.codes.size()));
  }
  for (uint64_t n = rows; n > 0 && in.ok(); --n) {
    column.rows.Add(in.Below(column.sets.size()));
  }
  return column;
}

absl::StatusOr<PeriodColumns> PeriodColumns::Parse(absl::string_view bytes) {
  SnapshotReader in(bytes);
  PeriodColumns period;
  period.columns_.resize(AllTableColumns().size());
  const uint64_t version = in.Number();
  if (version == kVersionWithoutKeys) {
    return ReasonError(ErrorReason::kPeriodNotPublished,
                       "the period was published by an older build, without "
                       "what protected tables need; publish it again");
  }
  const bool named = version == kVersion;
  const uint64_t columns = in.Count();
  bool valid = named || (version == kVersionWithoutNames &&
                         columns == std::size(kColumnsOfVersion2));
  const uint64_t rows = valid ? in.Count() : 0;
  for (uint64_t i = 0; valid && i < columns && in.ok(); ++i) {
    const std::string name = named ? in.Text() : kColumnsOfVersion2[i];
    valid = FindTableColumn(name) != nullptr &&
            !period.columns_[TableColumnIndex(name)].collected;
    if (valid) period.columns_[TableColumnIndex(name)] = ReadColumn(in, rows);
  }
  for (uint64_t n = rows; valid && n > 0 && in.ok(); --n) {
    period.keys_.push_back(in.Fixed64());
  }
  if (!valid || !in.AtEnd()) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "a published snapshot does not parse");
  }
  return period;
}

}  // namespace comity
