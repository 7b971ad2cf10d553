#include "node/domain/table_question.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/domain/code_lists.h"
#include "node/domain/measure.h"
#include "node/domain/participant.h"
#include "node/domain/table_columns.h"

namespace comity {
namespace {

constexpr size_t kMaxDimensions = 3;
constexpr size_t kMaxDimensionsAtHome = 4;
constexpr size_t kMaxFilterValues = 300;
constexpr size_t kMostCells = 400'000;  // margins included
constexpr size_t kCountries = 251;      // "unknown" included

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

absl::StatusOr<const TableColumn*> FindColumn(const std::string& name,
                                              Measure measure) {
  std::vector<std::string> known;
  for (const TableColumn& column : AllTableColumns()) {
    if (column.measured || column.unit != UnitOf(measure)) continue;
    if (column.name == name) return &column;
    known.push_back(column.name);
  }
  return Invalid(absl::StrCat("there is no column \"", name, "\" of ",
                              Name(measure), "; columns are ",
                              absl::StrJoin(known, ", ")));
}

// Cells of a table by these columns, which exist.
size_t CellsBy(const std::vector<std::string>& dimensions) {
  size_t cells = 1;
  for (const std::string& dimension : dimensions) {
    const TableColumn& column = *FindTableColumn(dimension);
    cells *= 1 + (column.IsOpen() ? kCountries : column.codes.size());
  }
  return cells;
}

absl::Status CheckSize(const std::vector<std::string>& dimensions,
                       Measure measure, size_t most_cells) {
  for (const std::string& dimension : dimensions) {
    RETURN_IF_ERROR(FindColumn(dimension, measure).status());
  }
  if (CellsBy(dimensions) <= most_cells) return absl::OkStatus();
  return Invalid(absl::StrCat("a table by ", absl::StrJoin(dimensions, ", "),
                              " is too large; leave a dimension out"));
}

absl::Status CheckFilter(const std::string& name,
                         const std::set<std::string>& values, Measure measure) {
  ASSIGN_OR_RETURN(const TableColumn* column, FindColumn(name, measure));
  if (values.empty() || values.size() > kMaxFilterValues) {
    return Invalid("a filter has 1 to 300 values");
  }
  for (const std::string& value : values) {
    if (column->IsOpen() ||
        std::binary_search(column->codes.begin(), column->codes.end(), value)) {
      continue;
    }
    return Invalid(absl::StrCat("column ", name,
                                " has no such code; codes are ",
                                absl::StrJoin(column->codes, ", ")));
  }
  return absl::OkStatus();
}

// A column without a closed list has countries, or participants.
bool IsOpenCode(const TableColumn& column, const std::string& code) {
  if (column.unit == CountedUnit::kReferral) {
    return ParticipantCode::Create(code).ok();
  }
  const std::vector<std::string>& countries = CodesOf("country");
  return code == kUnknownCode ||
         std::find(countries.begin(), countries.end(), code) != countries.end();
}

absl::Status CheckOpenCodes(const TableQuestion::Filters& filters) {
  for (const auto& [name, values] : filters) {
    const TableColumn& column = *FindTableColumn(name);
    if (!column.IsOpen()) continue;
    for (const std::string& value : values) {
      if (IsOpenCode(column, value)) continue;
      return Invalid(absl::StrCat("column ", name,
                                  " has no such code; codes are those of ",
                                  column.unit == CountedUnit::kReferral
                                      ? "participants"
                                      : "countries in two capital letters, NG, "
                                        "and unknown"));
    }
  }
  return absl::OkStatus();
}

bool IsYear(absl::string_view text) {
  return text.size() == 4 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c));
         });
}

}  // namespace

absl::StatusOr<TableQuestion> TableQuestion::Create(
    absl::string_view period, const std::vector<std::string>& dimensions,
    const Filters& filters, Measure measure) {
  return CreateWithin({kMaxDimensions, kMostCells}, period, dimensions, filters,
                      measure);
}

absl::StatusOr<TableQuestion> TableQuestion::CreateAtHome(
    absl::string_view period, const std::vector<std::string>& dimensions,
    const Filters& filters, Measure measure) {
  // Whoever counts lists the countries that occur, and knows the size.
  ASSIGN_OR_RETURN(
      TableQuestion question,
      CreateWithin({kMaxDimensionsAtHome, std::numeric_limits<size_t>::max()},
                   period, dimensions, filters, measure));
  RETURN_IF_ERROR(CheckOpenCodes(question.filters_));
  return question;
}

absl::StatusOr<TableQuestion> TableQuestion::CreateWithin(
    const Limits& limits, absl::string_view period,
    const std::vector<std::string>& dimensions, const Filters& filters,
    Measure measure) {
  if (measure == Measure::kUnset) {
    return Invalid(absl::StrCat("there is no such measure; measures are ",
                                absl::StrJoin(MeasureNames(), ", ")));
  }
  if (!IsYear(period)) {
    return Invalid("the period must be a year such as 2018");
  }
  TableQuestion question;
  question.period_ = std::string(period);
  question.measure_ = measure;
  question.dimensions_ = dimensions;
  std::sort(question.dimensions_.begin(), question.dimensions_.end());
  if (dimensions.size() > limits.dimensions) {
    return Invalid(
        absl::StrCat("a table has at most ", limits.dimensions, " dimensions"));
  }
  if (std::adjacent_find(question.dimensions_.begin(),
                         question.dimensions_.end()) !=
      question.dimensions_.end()) {
    return Invalid("a dimension is named twice");
  }
  RETURN_IF_ERROR(CheckSize(dimensions, measure, limits.cells));
  for (const auto& [column, values] : filters) {
    if (column == "year") {
      if (values != std::set<std::string>{question.period_}) {
        return Invalid("a filter on year must be the period itself");
      }
      continue;
    }
    RETURN_IF_ERROR(CheckFilter(column, values, measure));
    if (std::binary_search(question.dimensions_.begin(),
                           question.dimensions_.end(), column)) {
      return Invalid(absl::StrCat(column, " is a dimension and a filter"));
    }
    question.filters_[column] = values;
  }
  return question;
}

absl::Time TableQuestion::LastMoment() const {
  return absl::FromCivil(absl::CivilSecond(year() + 1, 1, 1),
                         absl::UTCTimeZone()) -
         absl::Seconds(1);
}

int TableQuestion::year() const {
  int year = 0;
  return absl::SimpleAtoi(period_, &year) ? year : 0;
}

absl::Status TableQuestion::CheckMayLeave() const {
  RETURN_IF_ERROR(CheckOpenCodes(filters_));
  for (const auto& [column, values] : filters_) {
    if (values.size() == 1) continue;
    return Invalid(absl::StrCat(
        "a filter of a table that leaves the country names one code; ask by ",
        column, " instead"));
  }
  if (dimensions_.size() + filters_.size() <= kMaxDimensions) {
    return absl::OkStatus();
  }
  return Invalid("dimensions and filters are at most 3 together");
}

size_t TableQuestion::LargestSize() const { return CellsBy(dimensions_); }

std::map<std::string, std::string> TableQuestion::SpelledOut(
    const std::vector<std::string>& codes) const {
  std::map<std::string, std::string> spelled;
  for (const auto& [column, values] : filters_) {
    spelled[column] = *values.begin();
  }
  for (size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] != kTotal) spelled[dimensions_[i]] = codes[i];
  }
  return spelled;
}

bool TableQuestion::HasCell(
    const std::map<std::string, std::string>& spelled) const {
  size_t filtered = 0;
  for (const auto& [column, code] : spelled) {
    const auto filter = filters_.find(column);
    if (filter != filters_.end()) {
      if (!filter->second.contains(code)) return false;
      ++filtered;
    } else if (!std::binary_search(dimensions_.begin(), dimensions_.end(),
                                   column)) {
      return false;
    }
  }
  return filtered == filters_.size();
}

std::string TableQuestion::CellName(
    const std::vector<std::string>& codes) const {
  // Cells of persons are named as they always were.
  std::string name = measure_ == Measure::kPersons
                         ? ""
                         : absl::StrCat("measure ", Name(measure_), "\n");
  for (const auto& [column, code] : SpelledOut(codes)) {
    absl::StrAppend(&name, column, " ", code.size(), ":", code, "\n");
  }
  return name;
}

std::string TableQuestion::CanonicalForm() const {
  std::string text = absl::StrCat(
      "comity.table.v1\n",
      measure_ == Measure::kPersons ? "persons" : Name(measure_), "\nperiod ",
      period_, "\nby ", absl::StrJoin(dimensions_, ","), "\n");
  for (const auto& [column, values] : filters_) {
    // Lengths in front, so that no value can look like two.
    absl::StrAppend(&text, "where ", column);
    for (const std::string& value : values) {
      absl::StrAppend(&text, " ", value.size(), ":", value);
    }
    absl::StrAppend(&text, "\n");
  }
  return text;
}

}  // namespace comity
