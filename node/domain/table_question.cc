#include "node/domain/table_question.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr size_t kMaxDimensions = 3;
constexpr size_t kMaxFilterValues = 300;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

absl::Status CheckColumn(const std::string& column) {
  const auto& columns = TableColumns();
  if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
    return absl::OkStatus();
  }
  return Invalid(absl::StrCat("there is no column \"", column,
                              "\"; columns are ",
                              absl::StrJoin(columns, ", ")));
}

bool IsYear(absl::string_view text) {
  return text.size() == 4 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c));
         });
}

}  // namespace

const std::vector<std::string>& TableColumns() {
  static const auto* columns = new std::vector<std::string>{
      "age_broad",  "age_group",    "citizenship",
      "decided_by", "exploitation", "exploitation_country",
      "gender",     "sex",          "status"};
  return *columns;
}

absl::StatusOr<TableQuestion> TableQuestion::Create(
    absl::string_view period, const std::vector<std::string>& dimensions,
    const Filters& filters) {
  if (!IsYear(period)) {
    return Invalid("the period must be a year such as 2018");
  }
  TableQuestion question;
  question.period_ = std::string(period);
  question.dimensions_ = dimensions;
  std::sort(question.dimensions_.begin(), question.dimensions_.end());
  if (dimensions.size() > kMaxDimensions) {
    return Invalid("a table has at most 3 dimensions");
  }
  if (std::adjacent_find(question.dimensions_.begin(),
                         question.dimensions_.end()) !=
      question.dimensions_.end()) {
    return Invalid("a dimension is named twice");
  }
  for (const std::string& dimension : dimensions) {
    RETURN_IF_ERROR(CheckColumn(dimension));
  }
  for (const auto& [column, values] : filters) {
    if (column == "year") {
      if (values != std::set<std::string>{question.period_}) {
        return Invalid("a filter on year must be the period itself");
      }
      continue;
    }
    RETURN_IF_ERROR(CheckColumn(column));
    if (values.empty() || values.size() > kMaxFilterValues) {
      return Invalid("a filter has 1 to 300 values");
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

std::string TableQuestion::CanonicalForm() const {
  std::string text =
      absl::StrCat("comity.table.v1\npersons\nperiod ", period_, "\nby ",
                   absl::StrJoin(dimensions_, ","), "\n");
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
