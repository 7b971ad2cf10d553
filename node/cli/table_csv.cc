#include "node/cli/table_csv.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "node/base/error_reason.h"
#include "node/cli/table_output.h"
#include "node/disclosure/stated_error.h"
#include "node/domain/table_question.h"
#include "node/wire/published_file.h"
#include "node/wire/sum_alone.h"

namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;

std::string Cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string Row(const std::vector<std::string>& cells) {
  return absl::StrCat(absl::StrJoin(cells, ",",
                                    [](std::string* out, const auto& text) {
                                      *out += Cell(text);
                                    }),
                      "\n");
}

bool HasFigure(const pb::MemberOutcome& member, const pb::RegionalCell& cell) {
  return std::any_of(
      member.table().cells().begin(), member.table().cells().end(),
      [&cell](const fed::TableCell& own) {
        return own.status() == fed::CELL_STATUS_VALUE &&
               std::equal(own.codes().begin(), own.codes().end(),
                          cell.codes().begin(), cell.codes().end());
      });
}

// What the rows tell: the indicator, else the measure, perhaps of a part.
std::string Counted(const pb::RequestTableResponse& response) {
  if (!response.indicator().empty()) return response.indicator();
  const std::string measure =
      response.measure().empty() ? "PERSONS" : response.measure();
  return response.where().empty()
             ? measure
             : absl::StrCat(measure, " where ",
                            absl::StrJoin(response.where(), " and "));
}

// "WORKING_DAYS", as SDMX spells codes.
std::string UnitCode(const pb::RequestTableResponse& response) {
  return absl::AsciiStrToUpper(
      absl::StrReplaceAll(UnitOf(response), {{" ", "_"}}));
}

// One row for a member without a table: in total nothing is known.
std::string MissingRow(const pb::RequestTableResponse& response,
                       const pb::MemberOutcome& member) {
  std::vector<std::string> row = {member.participant(),
                                  Counted(response),
                                  response.period(),
                                  "",
                                  "",
                                  "",
                                  ""};
  row.insert(row.end(), static_cast<size_t>(response.dimensions_size()), "_T");
  const bool not_collected =
      member.reason() == ReasonName(ErrorReason::kNotCollected);
  row.insert(row.end(), {"", not_collected ? "M" : "O", UnitCode(response)});
  return Row(row);
}

std::string CellRow(const pb::RequestTableResponse& response,
                    const pb::MemberOutcome& member,
                    const fed::TableCell& cell) {
  const fed::ReleasedTable& table = member.table();
  const auto error = ErrorOf(table.method());
  std::vector<std::string> row = {
      member.participant(),
      Counted(response),
      table.period(),
      absl::StrCat(table.revision()),
      table.method(),
      absl::StrCat(table.threshold()),
      error.has_value() && error->largest != StatedError::kUnbounded
          ? absl::StrCat(error->largest)
          : ""};
  for (const std::string& code : cell.codes()) {
    row.push_back(code == kTotal ? "_T" : code);
  }
  const bool shown = cell.status() == fed::CELL_STATUS_VALUE;
  row.push_back(shown ? absl::StrCat(cell.value()) : "");
  row.emplace_back(shown ? "A" : "Q");
  row.push_back(UnitCode(response));
  return Row(row);
}

// Of all members of a sum together, "NE+NG+TG".
template <typename Part>
std::string OfAll(const pb::RequestTableResponse& response, const Part& part) {
  std::vector<std::string> parts;
  for (const pb::MemberOutcome& member : response.members()) {
    parts.push_back(part(member));
  }
  return absl::StrJoin(parts, "+");
}

// Of a method that all have, that; else each one's in order.
std::string MethodOfAll(const pb::RequestTableResponse& response) {
  const auto& members = response.members();
  const std::string& first = members[0].table().method();
  const bool same = std::all_of(members.begin(), members.end(),
                                [&first](const pb::MemberOutcome& member) {
                                  return member.table().method() == first;
                                });
  return same ? first : OfAll(response, [](const pb::MemberOutcome& member) {
    return member.table().method();
  });
}

uint32_t LowestThreshold(const pb::RequestTableResponse& response) {
  uint32_t lowest = response.members(0).table().threshold();
  for (const pb::MemberOutcome& member : response.members()) {
    lowest = std::min(lowest, member.table().threshold());
  }
  return lowest;
}

// How far a sum may lie from the count; empty if a member's figure may lie at
// any distance, as it may where somebody hides his part.
std::string LargestError(const pb::RequestTableResponse& response,
                         const pb::RegionalCell& cell) {
  uint64_t largest = 0;
  for (const pb::MemberOutcome& member : response.members()) {
    const auto error = ErrorOf(member.table().method());
    if (!error.has_value() || error->largest == StatedError::kUnbounded) {
      return "";
    }
    largest += error->largest;
  }
  return cell.suppressed_members() > 0 ? "" : absl::StrCat(largest);
}

// A sum that alone is told stands for all its members.
std::string SumRow(const pb::RequestTableResponse& response,
                   const pb::RegionalCell& cell) {
  std::vector<std::string> row = {
      OfAll(response, [](const auto& member) { return member.participant(); }),
      Counted(response),
      response.members(0).table().period(),
      OfAll(response,
            [](const auto& member) {
              return absl::StrCat(member.table().revision());
            }),
      MethodOfAll(response),
      absl::StrCat(LowestThreshold(response)),
      cell.members() == 0 ? "" : LargestError(response, cell)};
  for (const std::string& code : cell.codes()) {
    row.push_back(code == kTotal ? "_T" : code);
  }
  const bool shown = cell.members() > 0;
  row.push_back(shown ? absl::StrCat(cell.sum()) : "");
  row.emplace_back(!shown                          ? "Q"
                   : cell.suppressed_members() > 0 ? kAtLeast
                                                   : "A");
  row.push_back(UnitCode(response));
  return Row(row);
}

}  // namespace

std::string FormatTableCsv(const pb::RequestTableResponse& response) {
  std::vector<std::string> header(kPublishedColumns.begin(),
                                  kPublishedColumns.end());
  for (const std::string& dimension : response.dimensions()) {
    header.push_back(absl::AsciiStrToUpper(dimension));
  }
  header.insert(header.end(), {"OBS_VALUE", "OBS_STATUS", kUnitColumn});
  std::string csv = Row(header);
  for (const pb::MemberOutcome& member : response.members()) {
    if (!member.has_table()) csv += MissingRow(response, member);
    for (const fed::TableCell& cell : member.table().cells()) {
      csv += CellRow(response, member, cell);
    }
  }
  if (!TellsSumAlone(response)) return csv;
  for (const pb::RegionalCell& cell : response.cells()) {
    csv += SumRow(response, cell);
  }
  return csv;
}

std::string SumError(const pb::RequestTableResponse& response,
                     const pb::RegionalCell& cell) {
  double squares = 0;
  double largest = 0;
  for (const pb::MemberOutcome& member : response.members()) {
    // Whose figures in a sum alone are hidden is not known.
    if (!member.in_sum_alone() && !HasFigure(member, cell)) continue;
    const auto error = ErrorOf(member.table().method());
    if (!error.has_value()) return "";
    squares += error->within_95 * error->within_95;
    largest += error->largest;
  }
  return absl::StrCat(std::min(largest, std::ceil(std::sqrt(squares))));
}

}  // namespace comity
