#include "node/cli/release_compare.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/cli/table_output.h"
#include "node/wire/table_wire.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Codes = std::vector<std::string>;
using Figures = std::map<Codes, std::optional<uint64_t>>;

absl::Status Incomparable(absl::string_view why) {
  return ReasonError(ErrorReason::kFieldInvalid, why);
}

std::set<std::string> Answered(const pb::GetReleaseResponse& release) {
  return {release.release().answered().begin(),
          release.release().answered().end()};
}

// What a member's table says, by codes.
std::map<std::string, Figures> TablesOf(const pb::GetReleaseResponse& release) {
  std::map<std::string, Figures> tables;
  for (const pb::MemberOutcome& member : release.table().members()) {
    if (!member.has_table()) continue;
    for (const TableCell& cell : ParseCells(member.table()).cells) {
      tables[member.participant()][cell.codes] =
          cell.suppressed ? std::nullopt : std::optional(cell.value);
    }
  }
  return tables;
}

// nullopt also for what is not listed.
std::optional<uint64_t> FigureOf(const Figures& figures, const Codes& codes) {
  const auto found = figures.find(codes);
  return found == figures.end() ? std::nullopt : found->second;
}

std::set<Codes> CodesOf(const pb::GetReleaseResponse& release) {
  std::set<Codes> codes;
  for (const pb::RegionalCell& cell : release.table().cells()) {
    codes.insert({cell.codes().begin(), cell.codes().end()});
  }
  return codes;
}

absl::Status CheckSameTable(const pb::Release& before,
                            const pb::Release& after) {
  if (before.question() == after.question() &&
      before.indicator() == after.indicator()) {
    return absl::OkStatus();
  }
  return Incomparable(absl::StrCat("release ", before.number(), " is ",
                                   before.indicator(), " ", before.question(),
                                   " and release ", after.number(), " is ",
                                   after.indicator(), " ", after.question(),
                                   "; compare releases of one "
                                   "table"));
}

absl::Status CheckCoverage(const pb::Release& before, const pb::Release& after,
                           const std::set<std::string>& first,
                           const std::set<std::string>& second) {
  if (first == second) return absl::OkStatus();
  std::vector<std::string> differing;
  std::set_symmetric_difference(first.begin(), first.end(), second.begin(),
                                second.end(), std::back_inserter(differing));
  return Incomparable(absl::StrCat(
      "other members answered in release ", after.number(), " than in release ",
      before.number(), " (", absl::StrJoin(differing, ", "),
      " in one only), so that a change may be theirs; compare those that "
      "answered both: --common-members"));
}

}  // namespace

absl::StatusOr<ReleaseComparison> CompareReleases(
    const pb::GetReleaseResponse& before, const pb::GetReleaseResponse& after,
    bool common_members) {
  absl::Status status = CheckSameTable(before.release(), after.release());
  if (status.ok() && IsQuantile(after.table())) {
    status = Incomparable(
        "figures of a duration are each member's own and are not added; "
        "comity release show has them");
  }
  const std::set<std::string> first = Answered(before);
  const std::set<std::string> second = Answered(after);
  if (status.ok() && !common_members) {
    status = CheckCoverage(before.release(), after.release(), first, second);
  }
  if (!status.ok()) return status;
  ReleaseComparison comparison;
  std::set_intersection(first.begin(), first.end(), second.begin(),
                        second.end(), std::back_inserter(comparison.members));
  if (comparison.members.empty()) {
    return Incomparable("no member answered both");
  }
  const auto tables_before = TablesOf(before);
  const auto tables_after = TablesOf(after);
  std::set<Codes> codes = CodesOf(before);
  codes.merge(CodesOf(after));
  for (const Codes& cell : codes) {
    ComparedCell compared{cell, std::nullopt, std::nullopt};
    for (const std::string& member : comparison.members) {
      const auto old = FigureOf(tables_before.at(member), cell);
      const auto now = FigureOf(tables_after.at(member), cell);
      if (!old.has_value() || !now.has_value()) continue;
      compared.before = compared.before.value_or(0) + *old;
      compared.after = compared.after.value_or(0) + *now;
    }
    comparison.cells.push_back(std::move(compared));
  }
  return comparison;
}

}  // namespace comity
