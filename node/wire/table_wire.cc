#include "node/wire/table_wire.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/domain/measure.h"

namespace comity {

namespace pb = federation::v1;

namespace {

constexpr size_t kLongestCode = 64;
// So that no sum over members runs over.
constexpr uint64_t kLargestFigure = uint64_t{1} << 48;

// No code begins as a formula does where a spreadsheet opens the file.
bool IsCode(const std::string& code) {
  return !code.empty() && code.size() <= kLongestCode &&
         absl::ascii_isalnum(static_cast<unsigned char>(code.front())) &&
         std::all_of(code.begin(), code.end(),
                     [](unsigned char c) { return absl::ascii_isprint(c); });
}

absl::Status NotAnAnswer(absl::string_view why) {
  return ReasonError(
      ErrorReason::kEvidenceInvalid,
      absl::StrCat("the table is no answer to the question: ", why));
}

}  // namespace

TableQuestion::Filters ParseFilters(
    const google::protobuf::RepeatedPtrField<pb::TableFilter>& filters) {
  TableQuestion::Filters parsed;
  for (const pb::TableFilter& filter : filters) {
    parsed[filter.column()].insert(filter.values().begin(),
                                   filter.values().end());
  }
  return parsed;
}

absl::StatusOr<TableQuestion> ParseTableQuestion(
    const pb::TableQuestion& question) {
  return TableQuestion::Create(
      question.period(),
      {question.dimensions().begin(), question.dimensions().end()},
      ParseFilters(question.filters()), MeasureNamed(question.measure()));
}

ReleasedCells ParseCells(const pb::ReleasedTable& table) {
  ReleasedCells released;
  for (const pb::TableCell& cell : table.cells()) {
    const bool shown = cell.status() == pb::CELL_STATUS_VALUE;
    released.cells.push_back({{cell.codes().begin(), cell.codes().end()},
                              !shown,
                              shown ? cell.value() : 0});
  }
  return released;
}

absl::Status CheckCells(const pb::ReleasedTable& table,
                        const TableQuestion& question) {
  if (table.period() != question.period()) {
    return NotAnAnswer("it is of another period");
  }
  if (!std::equal(table.dimensions().begin(), table.dimensions().end(),
                  question.dimensions().begin(), question.dimensions().end())) {
    return NotAnAnswer("it is by other dimensions");
  }
  if (table.masked_words_size() > 0 && table.cells_size() > 0) {
    return NotAnAnswer("it has cells beside what is under masks");
  }
  std::set<std::vector<std::string>> seen;
  for (const pb::TableCell& cell : table.cells()) {
    std::vector<std::string> codes = {cell.codes().begin(), cell.codes().end()};
    if (codes.size() != question.dimensions().size()) {
      return NotAnAnswer("a cell has more or fewer codes than dimensions");
    }
    if (!std::all_of(codes.begin(), codes.end(), IsCode)) {
      return NotAnAnswer(
          "a code is not of 1 to 64 printable characters, a letter or digit "
          "first");
    }
    if (cell.value() > kLargestFigure) {
      return NotAnAnswer("a figure is larger than tables can hold");
    }
    if (!seen.insert(std::move(codes)).second) {
      return NotAnAnswer("a cell stands in it twice");
    }
  }
  return absl::OkStatus();
}

void FormatCells(const ReleasedCells& released, pb::ReleasedTable& table) {
  for (const TableCell& cell : released.cells) {
    auto* added = table.add_cells();
    for (const std::string& code : cell.codes) added->add_codes(code);
    added->set_status(cell.suppressed ? pb::CELL_STATUS_SUPPRESSED
                                      : pb::CELL_STATUS_VALUE);
    added->set_value(cell.value);
  }
}

}  // namespace comity
