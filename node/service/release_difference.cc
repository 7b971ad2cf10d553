#include "node/service/release_difference.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/disclosure/cell_key.h"
#include "node/disclosure/rank_key.h"
#include "node/disclosure/stated_error.h"
#include "node/disclosure/suppression.h"
#include "node/domain/measure.h"
#include "node/wire/sum_alone.h"
#include "node/wire/table_wire.h"

namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;

// What one member told in one release.
struct Told {
  const TableQuestion& question;
  const fed::ReleasedTable& table;
  bool in_sum_alone = false;
};

absl::StatusOr<TableQuestion> QuestionOf(const pb::GetReleaseResponse& kept) {
  const pb::RequestTableResponse& table = kept.table();
  TableQuestion::Filters filters;
  for (const std::string& fixed : table.where()) {
    const std::vector<std::string> parts =
        absl::StrSplit(fixed, absl::MaxSplits('=', 1));
    filters[parts[0]].insert(parts.back());
  }
  return TableQuestion::Create(
      kept.release().period(),
      {table.dimensions().begin(), table.dimensions().end()}, filters,
      MeasureNamed(table.measure()));
}

std::string CellsOf(const fed::ReleasedTable& table) {
  std::string cells;
  for (const fed::TableCell& cell : table.cells()) {
    const std::string one = cell.SerializeAsString();
    absl::StrAppend(&cells, one.size(), ":", one);
  }
  return cells;
}

// Figures by the names of their cells, which other tables have too.
std::map<std::string, uint64_t> FiguresOf(const Told& told) {
  std::map<std::string, uint64_t> figures;
  for (const TableCell& cell : ParseCells(told.table).cells) {
    // A partner's table may have any form.
    if (cell.suppressed ||
        cell.codes.size() != told.question.dimensions().size()) {
      continue;
    }
    figures.emplace(told.question.CellName(cell.codes), cell.value);
  }
  return figures;
}

// Whether a cell has the same figure in every table of a revision.
bool HasOneFigureACell(absl::string_view method) {
  return method == kCellKeyMethod || method == kSuppressionMethod ||
         method == kRankKeyMethod;
}

bool SaysTheSame(const Told& before, const Told& now) {
  // A part of a sum says nothing of its own; the sum is looked at as such.
  if (before.in_sum_alone || now.in_sum_alone) return true;
  if (before.question.CanonicalForm() == now.question.CanonicalForm()) {
    return CellsOf(before.table) == CellsOf(now.table);
  }
  if (before.table.method() != now.table.method() ||
      !HasOneFigureACell(now.table.method())) {
    return true;
  }
  const auto earlier = FiguresOf(before);
  return std::ranges::all_of(FiguresOf(now), [&](const auto& figure) {
    const auto found = earlier.find(figure.first);
    return found == earlier.end() || found->second == figure.second;
  });
}

// Methods that this build does not know may be without error.
bool MayBeExact(absl::string_view method) {
  // Whose number is told differs between revisions by chance.
  if (method == kRankKeyMethod) return false;
  const auto error = ErrorOf(method);
  return !error.has_value() || error->largest == 0;
}

absl::Status CheckMember(const std::string& code, uint32_t number,
                         const Told& before, const Told& now) {
  if (before.table.revision() == now.table.revision()) {
    if (SaysTheSame(before, now)) return absl::OkStatus();
    return ReasonError(
        ErrorReason::kIntegrityFailure,
        absl::StrCat(code, " answered about revision ", now.table.revision(),
                     " otherwise in release ", number,
                     "; ask it why before anything is kept"));
  }
  if (!MayBeExact(before.table.method()) || !MayBeExact(now.table.method())) {
    return absl::OkStatus();
  }
  return ReasonError(
      ErrorReason::kNotAvailable,
      absl::StrCat("the difference from release ", number,
                   " would show exactly who came and went in ", code,
                   "; keep that release, or leave ", code, " out"));
}

using Figures =
    std::map<std::vector<std::string>, std::pair<uint64_t, uint32_t>>;

// A sum by its cells' codes, with how many members show their part.
Figures SumsOf(const pb::RequestTableResponse& table) {
  Figures sums;
  for (const pb::RegionalCell& cell : table.cells()) {
    sums[{cell.codes().begin(), cell.codes().end()}] = {cell.sum(),
                                                        cell.members()};
  }
  return sums;
}

// Who answered about which revision, by which method and threshold.
std::map<std::string, std::pair<uint32_t, std::string>> Sources(
    const pb::RequestTableResponse& table) {
  std::map<std::string, std::pair<uint32_t, std::string>> sources;
  for (const pb::MemberOutcome& member : table.members()) {
    if (!member.has_table()) continue;
    sources[member.participant()] = {
        member.table().revision(),
        absl::StrCat(member.table().method(), " ", member.table().threshold())};
  }
  return sources;
}

// Each member's part of the same question about the same revision is the same
// for ever, and so is their sum.
absl::Status CheckSum(const pb::GetReleaseResponse& earlier,
                      const TableQuestion& before,
                      const TableQuestion& question,
                      const pb::RequestTableResponse& now) {
  if (!TellsSumAlone(earlier.table()) || !TellsSumAlone(now) ||
      before.CanonicalForm() != question.CanonicalForm() ||
      Sources(earlier.table()) != Sources(now) ||
      SumsOf(earlier.table()) == SumsOf(now)) {
    return absl::OkStatus();
  }
  return ReasonError(
      ErrorReason::kIntegrityFailure,
      absl::StrCat("the same members' sum about the same revisions is another "
                   "in release ",
                   earlier.release().number(),
                   "; ask them why before anything is kept"));
}

}  // namespace

absl::Status CheckDifference(const pb::GetReleaseResponse& earlier,
                             const TableQuestion& question,
                             const pb::RequestTableResponse& now) {
  // Figures of other measures are about something else: no sum joins them.
  if (earlier.release().period() != question.period() ||
      MeasureNamed(earlier.table().measure()) != question.measure()) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const TableQuestion before, QuestionOf(earlier));
  RETURN_IF_ERROR(CheckSum(earlier, before, question, now));
  std::map<std::string, const pb::MemberOutcome*> outcomes;
  for (const pb::MemberOutcome& member : earlier.table().members()) {
    if (member.has_table()) outcomes[member.participant()] = &member;
  }
  for (const pb::MemberOutcome& member : now.members()) {
    const auto found = outcomes.find(member.participant());
    if (!member.has_table() || found == outcomes.end()) continue;
    const pb::MemberOutcome& kept = *found->second;
    RETURN_IF_ERROR(
        CheckMember(member.participant(), earlier.release().number(),
                    {before, kept.table(), kept.in_sum_alone()},
                    {question, member.table(), member.in_sum_alone()}));
  }
  return absl::OkStatus();
}

}  // namespace comity
