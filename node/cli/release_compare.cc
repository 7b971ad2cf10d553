#include "node/cli/release_compare.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/table_output.h"
#include "node/disclosure/stated_error.h"
#include "node/wire/sum_alone.h"
#include "node/wire/table_wire.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Codes = std::vector<std::string>;
using Members = std::set<std::string>;

absl::Status Incomparable(absl::string_view why) {
  return ReasonError(ErrorReason::kFieldInvalid, why);
}

// What one answer says: figures that are shown, by member and codes. Those who
// tell their sum alone stand there as one, "NE+NG+TG".
struct Figures {
  std::map<std::string, std::map<Codes, uint64_t>> shown;
  std::map<std::string, std::vector<std::string>> methods;

  explicit Figures(const pb::RequestTableResponse& table) {
    if (TellsSumAlone(table)) {
      TakeSum(table);
      return;
    }
    for (const pb::MemberOutcome& member : table.members()) {
      if (!member.has_table()) continue;
      methods[member.participant()] = {member.table().method()};
      auto& figures = shown[member.participant()];
      for (const TableCell& cell : ParseCells(member.table()).cells) {
        if (!cell.suppressed) figures[cell.codes] = cell.value;
      }
    }
  }

  // A sum of which somebody hides his part is none of all of them.
  void TakeSum(const pb::RequestTableResponse& table) {
    if (table.cells().empty()) return;
    Codes members;
    Codes used;
    for (const pb::MemberOutcome& member : table.members()) {
      members.push_back(member.participant());
      used.push_back(member.table().method());
    }
    std::sort(members.begin(), members.end());
    const std::string name = absl::StrJoin(members, "+");
    methods[name] = used;
    auto& figures = shown[name];
    for (const pb::RegionalCell& cell : table.cells()) {
      if (cell.members() == 0 || cell.suppressed_members() > 0) continue;
      figures[{cell.codes().begin(), cell.codes().end()}] = cell.sum();
    }
  }

  Members Answered() const {
    Members members;
    for (const auto& [member, figures] : shown) members.insert(member);
    return members;
  }
  bool Shows(const std::string& member, const Codes& codes) const {
    const auto found = shown.find(member);
    return found != shown.end() && found->second.contains(codes);
  }
};

absl::Status CheckNumber(size_t answers) {
  if (answers >= kFewestCompared && answers <= kMostCompared) {
    return absl::OkStatus();
  }
  return Incomparable(absl::StrCat("name ", kFewestCompared, " to ",
                                   kMostCompared, " to compare"));
}

absl::Status CheckSameTable(const NamedAnswer& first,
                            const NamedAnswer& other) {
  const auto& a = first.table;
  const auto& b = other.table;
  const bool same = std::equal(a.dimensions().begin(), a.dimensions().end(),
                               b.dimensions().begin(), b.dimensions().end()) &&
                    std::equal(a.where().begin(), a.where().end(),
                               b.where().begin(), b.where().end()) &&
                    a.measure() == b.measure() &&
                    a.indicator() == b.indicator();
  if (same) return absl::OkStatus();
  return Incomparable(absl::StrCat(first.name, " and ", other.name,
                                   " are different tables; compare answers of "
                                   "one"));
}

absl::Status CheckCoverage(const NamedAnswer& first, const NamedAnswer& other,
                           const Members& one, const Members& two) {
  if (one == two) return absl::OkStatus();
  Codes differing;
  std::set_symmetric_difference(one.begin(), one.end(), two.begin(), two.end(),
                                std::back_inserter(differing));
  return Incomparable(absl::StrCat(
      "other members answered for ", other.name, " than for ", first.name, " (",
      absl::StrJoin(differing, ", "),
      " in one only), so that a change may be theirs; compare those that "
      "answered all: --members-in-all"));
}

// Those that answered all; an error if others did, unless that is allowed.
absl::StatusOr<Members> MembersInAll(const std::vector<NamedAnswer>& answers,
                                     const std::vector<Figures>& figures,
                                     bool members_in_all) {
  Members members = figures[0].Answered();
  for (size_t i = 1; i < figures.size(); ++i) {
    const Members answered = figures[i].Answered();
    if (!members_in_all) {
      RETURN_IF_ERROR(CheckCoverage(answers[0], answers[i],
                                    figures[0].Answered(), answered));
    }
    std::erase_if(members, [&answered](const std::string& member) {
      return !answered.contains(member);
    });
  }
  if (members.empty()) return Incomparable("no member answered all of them");
  if (IsQuantile(answers[0].table) && members.size() > 1) {
    return Incomparable(
        "figures of a duration are each member's own and are not added; "
        "compare those of one member");
  }
  return members;
}

// The error of a difference: of the two answers whose figures carry the most.
std::optional<uint64_t> ErrorOfDifference(const std::vector<Figures>& figures,
                                          const Codes& members) {
  constexpr double kNormal95 = 1.96;
  std::vector<std::pair<double, double>> errors;  // variance, largest
  for (const Figures& answer : figures) {
    std::pair<double, double> sum = {0, 0};
    for (const std::string& member : members) {
      for (const std::string& method : answer.methods.at(member)) {
        const auto error = ErrorOf(method);
        if (!error.has_value()) return std::nullopt;
        sum.first += error->variance;
        sum.second += error->largest;
      }
    }
    errors.push_back(sum);
  }
  std::sort(errors.rbegin(), errors.rend());
  return static_cast<uint64_t>(std::min(
      errors[0].second + errors[1].second,
      std::ceil(kNormal95 * std::sqrt(errors[0].first + errors[1].first))));
}

ComparedCell CompareCell(const Codes& codes,
                         const std::vector<Figures>& figures,
                         const Members& members) {
  ComparedCell cell{codes, {}, {}, std::nullopt};
  for (const std::string& member : members) {
    const bool in_all = std::all_of(
        figures.begin(), figures.end(),
        [&](const Figures& answer) { return answer.Shows(member, codes); });
    if (in_all) cell.members.push_back(member);
  }
  if (cell.members.empty()) return cell;
  for (const Figures& answer : figures) {
    uint64_t sum = 0;
    for (const std::string& member : cell.members) {
      sum += answer.shown.at(member).at(codes);
    }
    cell.figures.push_back(sum);
  }
  cell.error = ErrorOfDifference(figures, cell.members);
  return cell;
}

}  // namespace

absl::StatusOr<AnswerComparison> CompareAnswers(
    const std::vector<NamedAnswer>& answers, bool members_in_all) {
  RETURN_IF_ERROR(CheckNumber(answers.size()));
  AnswerComparison comparison;
  std::vector<Figures> figures;
  std::set<Codes> all_codes;
  for (const NamedAnswer& answer : answers) {
    RETURN_IF_ERROR(CheckSameTable(answers[0], answer));
    comparison.answers.push_back(answer.name);
    figures.emplace_back(answer.table);
    for (const pb::RegionalCell& cell : answer.table.cells()) {
      all_codes.insert({cell.codes().begin(), cell.codes().end()});
    }
  }
  ASSIGN_OR_RETURN(const Members members,
                   MembersInAll(answers, figures, members_in_all));
  comparison.members.assign(members.begin(), members.end());
  for (const Codes& codes : all_codes) {
    comparison.cells.push_back(CompareCell(codes, figures, members));
  }
  return comparison;
}

absl::StatusOr<AnswerComparison> CompareReleases(
    const std::vector<pb::GetReleaseResponse>& releases, bool members_in_all) {
  RETURN_IF_ERROR(CheckNumber(releases.size()));
  std::set<uint32_t> numbers;
  std::vector<NamedAnswer> answers;
  for (const pb::GetReleaseResponse& kept : releases) {
    const pb::Release& release = kept.release();
    const pb::Release& first = releases[0].release();
    if (!numbers.insert(release.number()).second) {
      return Incomparable(
          absl::StrCat("release ", release.number(), " is named twice"));
    }
    if (release.question() != first.question() ||
        release.indicator() != first.indicator()) {
      return Incomparable(
          absl::StrCat("release ", first.number(), " is ", first.indicator(),
                       " ", first.question(), " and release ", release.number(),
                       " is ", release.indicator(), " ", release.question(),
                       "; compare releases of one table"));
    }
    answers.push_back(
        {absl::StrCat("release ", release.number()), kept.table()});
  }
  return CompareAnswers(answers, members_in_all);
}

}  // namespace comity
