#include "node/service/told_figures.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/disclosure/mask_round.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Members = ToldFigures::Members;

std::string NameOf(const TableQuestion& question) {
  return absl::StrCat("told-figures/", question.period(), "/",
                      Name(question.measure()));
}

absl::StatusOr<ToldFigures> ReadTold(const TableQuestion& question,
                                     const StoreReader& store) {
  ASSIGN_OR_RETURN(const std::string text, store.ReadMeta(NameOf(question)));
  return ToldFigures::Parse(text);
}

absl::Status CheckTelling(const ToldFigures& told, const Members& members,
                          bool alone) {
  return alone ? told.CheckSum(members) : told.CheckOwn(members);
}

// Those of a set that are in no other: whom a subtraction leaves.
Members Without(const Members& set, const Members& others) {
  Members rest;
  std::set_difference(set.begin(), set.end(), others.begin(), others.end(),
                      std::inserter(rest, rest.end()));
  return rest;
}

bool TooFew(const Members& rest) {
  return !rest.empty() && rest.size() < MaskRound::kFewestMembers;
}

absl::Status Uncovered(const Members& rest) {
  return ReasonError(
      ErrorReason::kRefusedAtHome,
      absl::StrCat("with what was told of this period before, it would show "
                   "what ",
                   absl::StrJoin(rest, " and "),
                   rest.size() == 1 ? " tells" : " tell",
                   " in a sum alone; ask for another period"));
}

// Nothing is left of what members said but that it was not told.
void TakeFiguresOut(const absl::Status& why,
                    pb::RequestTableResponse& response) {
  for (pb::MemberOutcome& member : *response.mutable_members()) {
    if (!member.has_table()) continue;
    member.clear_table();
    member.clear_in_sum_alone();
    member.set_reason(std::string(ReasonName(ReasonOf(why))));
    member.set_message(std::string(why.message()));
  }
  response.clear_cells();
  response.clear_shares();
  response.set_answered(0);
  response.add_notes(absl::StrCat("No figure is told: ", why.message(), "."));
}

}  // namespace

absl::Status ToldFigures::CheckSum(const Members& set) const {
  for (const Members& earlier : sums_) {
    const Members common = Without(set, Without(set, earlier));
    if (earlier == set || common.empty()) continue;
    return ReasonError(
        ErrorReason::kRefusedAtHome,
        absl::StrCat("the sum over ", absl::StrJoin(earlier, ", "),
                     " was told of this period, and the difference from one "
                     "over another set would show who is in one alone; ask for "
                     "that sum"));
  }
  const Members rest = Without(set, own_);
  return TooFew(rest) ? Uncovered(rest) : absl::OkStatus();
}

absl::Status ToldFigures::CheckOwn(const Members& members) const {
  for (const Members& set : sums_) {
    const Members before = Without(set, own_);
    const Members rest = Without(before, members);
    if (rest != before && TooFew(rest)) return Uncovered(rest);
  }
  return absl::OkStatus();
}

std::string ToldFigures::Format() const {
  std::vector<std::string> lines = {absl::StrJoin(own_, ",")};
  for (const Members& set : sums_) lines.push_back(absl::StrJoin(set, ","));
  return absl::StrJoin(lines, "\n");
}

ToldFigures ToldFigures::Parse(const std::string& text) {
  ToldFigures told;
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (size_t i = 0; i < lines.size(); ++i) {
    const Members codes = absl::StrSplit(lines[i], ',', absl::SkipEmpty());
    if (i == 0) {
      told.AddOwn(codes);
    } else {
      told.AddSum(codes);
    }
  }
  return told;
}

absl::Status CheckMayBeTold(const TableQuestion& question,
                            const std::vector<std::string>& members, bool alone,
                            const StoreReader& store) {
  ASSIGN_OR_RETURN(const ToldFigures told, ReadTold(question, store));
  return CheckTelling(told, {members.begin(), members.end()}, alone);
}

absl::Status NoteTold(const TableQuestion& question, CommitScope& scope,
                      pb::RequestTableResponse& response) {
  Members members;
  bool alone = false;
  for (const pb::MemberOutcome& member : response.members()) {
    if (!member.has_table()) continue;
    members.insert(member.participant());
    alone = alone || member.in_sum_alone();
  }
  // Masks without a sum tell nothing.
  if (members.empty() || response.cells().empty()) return absl::OkStatus();
  StoreTransaction& store = scope.store();
  ASSIGN_OR_RETURN(ToldFigures told, ReadTold(question, store));
  const absl::Status may = CheckTelling(told, members, alone);
  if (!may.ok()) {
    TakeFiguresOut(may, response);
    return absl::OkStatus();
  }
  const std::string before = told.Format();
  if (alone) {
    told.AddSum(members);
  } else {
    told.AddOwn(members);
  }
  if (told.Format() == before) return absl::OkStatus();
  return store.PutMeta(NameOf(question), told.Format());
}

}  // namespace comity
