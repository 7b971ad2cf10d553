#include "node/cli/table_output.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/cli/output.h"
#include "node/cli/table_csv.h"
#include "node/cli/table_html.h"
#include "node/domain/measure.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

namespace pb = operators::v1;

template <typename A, typename B>
bool SameCodes(const A& a, const B& b) {
  return std::equal(a.codes().begin(), a.codes().end(), b.codes().begin(),
                    b.codes().end());
}

bool NotCollected(const pb::MemberOutcome& member) {
  return member.reason() == ReasonName(ErrorReason::kNotCollected);
}

std::vector<std::string> HeadRow(const pb::RequestTableResponse& response) {
  std::vector<std::string> row(response.dimensions().begin(),
                               response.dimensions().end());
  for (const pb::MemberOutcome& member : response.members()) {
    row.push_back(member.participant());
  }
  row.insert(row.end(), {"region", "error"});
  if (!response.shares().empty()) row.emplace_back("share");
  return row;
}

std::vector<std::string> CellRow(const pb::RequestTableResponse& response,
                                 const pb::RegionalCell& cell) {
  std::vector<std::string> row(cell.codes().begin(), cell.codes().end());
  for (const pb::MemberOutcome& member : response.members()) {
    row.push_back(MemberFigure(member, cell));
  }
  row.push_back(RegionalFigure(response, cell));
  const std::string error = SumError(response, cell);
  row.push_back(
      cell.members() == 0 || error.empty() ? "-" : absl::StrCat("+/- ", error));
  if (!response.shares().empty()) row.push_back(ShareText(response, cell));
  return row;
}

// The smallest and the largest of members' figures; there is one at least.
std::string MembersRange(const pb::RequestTableResponse& response,
                         const pb::RegionalCell& cell) {
  uint64_t least = std::numeric_limits<uint64_t>::max();
  uint64_t most = 0;
  for (const pb::MemberOutcome& member : response.members()) {
    for (const auto& own : member.table().cells()) {
      if (own.status() != federation::v1::CELL_STATUS_VALUE ||
          !SameCodes(own, cell)) {
        continue;
      }
      least = std::min(least, own.value());
      most = std::max(most, own.value());
    }
  }
  return least == most ? absl::StrCat(least)
                       : absl::StrCat(least, " to ", most);
}

void PrintMissing(const pb::RequestTableResponse& response) {
  for (const pb::MemberOutcome& member : response.members()) {
    if (member.has_table()) continue;
    printf("%s %s: %s (%s)\n", member.participant().c_str(),
           NotCollected(member) ? "does not collect this" : "is missing",
           member.reason().c_str(), OnOneLine(member.message()).c_str());
  }
}

}  // namespace

bool IsQuantile(const pb::RequestTableResponse& response) {
  return QuantileOf(MeasureNamed(response.measure())).has_value();
}

std::string UnitOf(const pb::RequestTableResponse& response) {
  // Releases of older builds name none.
  return response.unit().empty() ? "persons" : response.unit();
}

std::string RegionalFigure(const pb::RequestTableResponse& response,
                           const pb::RegionalCell& cell) {
  if (cell.members() == 0) return "suppressed";
  if (IsQuantile(response)) return MembersRange(response, cell);
  return cell.suppressed_members() > 0 ? absl::StrCat("at least ", cell.sum())
                                       : absl::StrCat(cell.sum());
}

std::string MemberFigure(const pb::MemberOutcome& member,
                         const pb::RegionalCell& cell) {
  if (!member.has_table()) return NotCollected(member) ? "not collected" : "-";
  if (member.in_sum_alone()) return "in the sum";
  for (const auto& own : member.table().cells()) {
    if (!SameCodes(own, cell)) continue;
    return own.status() == federation::v1::CELL_STATUS_VALUE
               ? absl::StrCat(own.value())
               : "suppressed";
  }
  return "suppressed";
}

std::string ShareText(const pb::RequestTableResponse& response,
                      const pb::RegionalCell& cell) {
  constexpr double kPercent = 100;
  for (const pb::CellShare& share : response.shares()) {
    if (!SameCodes(share, cell)) continue;
    const auto least = std::llround(share.least() * kPercent);
    const auto most = std::llround(share.most() * kPercent);
    return least == most ? absl::StrCat(least, " %")
                         : absl::StrCat(least, "-", most, " %");
  }
  return "-";
}

void PrintTableAnswer(const pb::RequestTableResponse& response) {
  std::vector<std::vector<std::string>> rows = {HeadRow(response)};
  for (const pb::RegionalCell& cell : response.cells()) {
    rows.push_back(CellRow(response, cell));
  }
  PrintTable(rows);
  printf("figures are %s\n", UnitOf(response).c_str());
  if (!IsQuantile(response)) {
    printf("error: of the sum, in 95 of 100 cases\n");
  }
  PrintMissing(response);
  for (const std::string& note : response.notes()) {
    printf("note: %s\n", OnOneLine(note).c_str());
  }
  if (response.has_release()) {
    printf("saved as release %u: %s\n", response.release().number(),
           response.release().citation().c_str());
  }
}

absl::Status CheckTableFile(const std::string& path) {
  if (path.empty() || absl::EndsWith(path, ".csv") ||
      absl::EndsWith(path, ".html") || absl::EndsWith(path, ".json")) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     "the output is a CSV file, an HTML report or JSON: name "
                     "it something.csv, something.html or something.json");
}

absl::Status WriteTableFile(const std::string& path,
                            const pb::RequestTableResponse& response) {
  if (path.empty()) return absl::OkStatus();
  if (absl::EndsWith(path, ".html")) {
    return WritePublicFile(path, FormatTableHtml(response));
  }
  if (absl::EndsWith(path, ".csv")) {
    return WritePublicFile(path, FormatTableCsv(response));
  }
  const std::string json = FormatJson(response);
  if (!json.empty()) return WritePublicFile(path, json);
  return ReasonError(ErrorReason::kEvidenceInvalid,
                     "the answer has text that is not UTF-8, as JSON is");
}

}  // namespace comity
