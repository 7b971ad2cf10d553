#include "node/policy/policy_diff.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/status_macros.h"
#include "node/domain/deadline_terms.h"
#include "node/policy/duty_words.h"
#include "node/policy/judge.h"

namespace comity {
namespace {

// Changes of one kind, by what they are told in one sentence.
using Key = std::pair<ChangeKind, std::string>;
using ByKey = std::map<Key, std::vector<PolicyChange>>;

ChangeKind KindOf(DemandChange::Kind kind) {
  switch (kind) {
    case DemandChange::Kind::kWeaker:
      return ChangeKind::kWeaker;
    case DemandChange::Kind::kStronger:
      return ChangeKind::kStronger;
    case DemandChange::Kind::kFewerApprovals:
      return ChangeKind::kFewerApprovals;
    case DemandChange::Kind::kMoreApprovals:
      return ChangeKind::kMoreApprovals;
  }
  return ChangeKind::kWeaker;
}

// Boxes that differ along one axis only become one, as long as there are any.
// The record comes first, so that conditions shrink before who and what.
void MergeBoxes(std::vector<PolicyChange>& changes) {
  bool merged = true;
  while (merged) {
    merged = false;
    for (int i = kAxisCount - 1; i >= 0; --i) {
      const auto axis = static_cast<Axis>(i);
      absl::flat_hash_map<std::array<uint64_t, kAxisCount>, size_t> seen;
      std::vector<PolicyChange> kept;
      for (PolicyChange& change : changes) {
        FactBox rest = change.box;
        rest[axis] = 0;
        const auto [found, fresh] = seen.emplace(rest.values, kept.size());
        if (fresh) {
          kept.push_back(std::move(change));
          continue;
        }
        kept[found->second].box[axis] |= change.box[axis];
        kept[found->second].classes += change.classes;
        merged = true;
      }
      changes = std::move(kept);
    }
  }
}

void AddCell(const std::string& agreement, const FactCell& cell,
             const Answer& before, const Answer& after, ByKey& found) {
  const auto add = [&](ChangeKind kind, const std::string& demand) {
    found[{kind, demand}].push_back(PolicyChange{
        kind, agreement, demand, cell.box, 1, cell.point, before, after});
  };
  if (before.permitted != after.permitted) {
    add(after.permitted ? ChangeKind::kWidened : ChangeKind::kNarrowed, "");
    return;
  }
  if (!before.permitted) return;
  for (const DemandChange& change : CompareDemands(before, after)) {
    add(KindOf(change.kind), change.words);
  }
}

bool SaysOfCounts(const NationalRules* national) {
  return national != nullptr &&
         std::any_of(
             national->denies.begin(), national->denies.end(),
             [](const Deny& deny) {
               return deny.withhold.empty() &&
                      (deny.operation.empty() ||
                       deny.operation.Contains(Operation::kAggregateCount));
             });
}

// Which cases of one holder are left out of published periods: every record
// that there can be, since it is few.
void CompareCounts(const FactAxes& axes, size_t holder,
                   const HolderPolicies& before, const HolderPolicies& after,
                   int axis, PolicyChange& change, ByKey& found) {
  if (axis < kAxisCount) {
    const size_t size = axes.size(static_cast<Axis>(axis));
    for (size_t value = 0; value < size; ++value) {
      change.box.values[static_cast<size_t>(axis)] = uint64_t{1} << value;
      axes.Put(static_cast<Axis>(axis), value, change.witness);
      CompareCounts(axes, holder, before, after, axis + 1, change, found);
    }
    return;
  }
  const ParticipantCode& code = axes.participants()[holder];
  change.before.permitted =
      !LeftOutOfCounts(before.Of(code), change.witness.record);
  change.after.permitted =
      !LeftOutOfCounts(after.Of(code), change.witness.record);
  if (change.before.permitted == change.after.permitted) return;
  change.kind =
      change.after.permitted ? ChangeKind::kWidened : ChangeKind::kNarrowed;
  found[{change.kind, ""}].push_back(change);
}

void CompareAllCounts(const FactAxes& axes, const HolderPolicies& before,
                      const HolderPolicies& after, ByKey& found) {
  for (size_t i = 0; i < axes.participants().size(); ++i) {
    const std::string& code = axes.participants()[i].text();
    if (!SaysOfCounts(before.National(code)) &&
        !SaysOfCounts(after.National(code))) {
      continue;
    }
    PolicyChange change{ChangeKind::kWidened, "", "", {}, 1, axes.Start()};
    change.box[Axis::kOperation] =
        uint64_t{1} << static_cast<int>(Operation::kAggregateCount);
    change.box[Axis::kHolder] = uint64_t{1} << i;
    change.box[Axis::kConsent] = axes.All(Axis::kConsent);
    axes.Put(Axis::kOperation, static_cast<size_t>(Operation::kAggregateCount),
             change.witness);
    axes.Put(Axis::kHolder, i, change.witness);
    CompareCounts(axes, i, before, after, static_cast<int>(Axis::kAge), change,
                  found);
  }
}

// A single holder does not tell itself anything.
void DropSelf(FactBox& box) {
  const uint64_t holders = box[Axis::kHolder];
  const uint64_t askers = box[Axis::kAsker];
  const auto one = [](uint64_t bits) { return (bits & (bits - 1)) == 0; };
  if (one(holders) && askers != holders) box[Axis::kAsker] &= ~holders;
  if (one(askers) && askers != holders) box[Axis::kHolder] &= ~askers;
}

// Merges what was found and adds it in the order of kinds.
void AddFound(ByKey found, std::vector<PolicyChange>& changes) {
  for (auto& [key, cells] : found) {
    MergeBoxes(cells);
    for (PolicyChange& change : cells) DropSelf(change.box);
    std::move(cells.begin(), cells.end(), std::back_inserter(changes));
  }
}

// Of the last revision on each side; an agreement that is new, or gone, changes
// no clock of another one.
void CompareDeadlines(const std::string& id, const HolderPolicies& before,
                      const HolderPolicies& after, PolicyDiff& diff) {
  const std::vector<const Agreement*> old = before.Revisions(id);
  const std::vector<const Agreement*> now = after.Revisions(id);
  if (old.empty() || now.empty()) return;
  const auto was = DeadlineTexts(old.back()->deadlines);
  const auto is = DeadlineTexts(now.back()->deadlines);
  for (size_t i = 0; i < is.size(); ++i) {
    if (was[i].length == is[i].length) continue;
    diff.deadlines.push_back({id, is[i].name, was[i].length, is[i].length});
  }
}

std::string AnyOr(const std::string& words, const char* any) {
  return words.empty() ? any : words;
}

// "when consent is GIVEN and age is CHILD"; empty if always.
std::string Conditions(const FactAxes& axes, const FactBox& box) {
  std::vector<std::string> conditions;
  for (int i = kFirstRecordAxis; i < kAxisCount; ++i) {
    const auto axis = static_cast<Axis>(i);
    const std::string words = Words(axes, axis, box[axis]);
    if (!words.empty()) {
      conditions.push_back(absl::StrCat(Name(axis), " is ", words));
    }
  }
  return conditions.empty()
             ? ""
             : absl::StrCat(" when ", absl::StrJoin(conditions, " and "));
}

// For what, on what ground.
std::string Circumstances(const FactAxes& axes, const FactBox& box) {
  std::string text = absl::StrCat(
      ", for ", AnyOr(Words(axes, Axis::kOperation, box[Axis::kOperation]),
                      "any operation"));
  const auto add = [&](const char* before, Axis axis) {
    const std::string words = Words(axes, axis, box[axis]);
    if (!words.empty()) absl::StrAppend(&text, before, words);
  };
  add(", purpose ", Axis::kPurpose);
  add(", on ", Axis::kBasis);
  add(", organisation ", Axis::kOrganisation);
  add(", tables ", Axis::kTable);
  if (box[Axis::kEmergency] == 2) absl::StrAppend(&text, ", in an emergency");
  if (box[Axis::kEmergency] == 1) absl::StrAppend(&text, ", in no emergency");
  const std::string conditions = Conditions(axes, box);
  if (!conditions.empty()) absl::StrAppend(&text, ",", conditions);
  add(", ", Axis::kTime);
  add(", for periods ", Axis::kMemberOn);
  return text;
}

// "NG's CASE_WORKER".
std::string Receivers(const FactAxes& axes, const FactBox& box) {
  const std::string askers = Words(axes, Axis::kAsker, box[Axis::kAsker]);
  return absl::StrCat(
      box[Axis::kHolder] == box[Axis::kAsker] ? "each other"
                                              : AnyOr(askers, "every party"),
      "'s ",
      AnyOr(Words(axes, Axis::kRole, box[Axis::kRole]), "people of any role"));
}

}  // namespace

const char* Name(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kWidened:
      return "WIDENED";
    case ChangeKind::kNarrowed:
      return "NARROWED";
    case ChangeKind::kWeaker:
      return "WEAKER";
    case ChangeKind::kStronger:
      return "STRONGER";
    case ChangeKind::kFewerApprovals:
      return "FEWER_APPROVALS";
    case ChangeKind::kMoreApprovals:
      return "MORE_APPROVALS";
  }
  return "";
}

size_t PolicyDiff::Count(ChangeKind kind) const {
  return static_cast<size_t>(
      std::count_if(changes.begin(), changes.end(),
                    [&](const auto& change) { return change.kind == kind; }));
}

absl::StatusOr<PolicyDiff> DiffPolicies(const HolderPolicies& before,
                                        const HolderPolicies& after,
                                        const FactAxes::Bounds& bounds,
                                        size_t max_cells) {
  ASSIGN_OR_RETURN(FactAxes axes, FactAxes::Create({&before, &after}, bounds));
  PolicyDiff diff{std::move(axes), {}, 0};
  std::set<std::string> ids;
  for (const HolderPolicies* side : {&before, &after}) {
    for (const Agreement& agreement : side->agreements()) {
      ids.insert(agreement.id);
    }
  }
  for (const std::string& id : ids) {
    ByKey found;
    const FactSpace space(diff.axes, {&before, &after}, id);
    ASSIGN_OR_RETURN(const size_t walked,
                     space.Walk(
                         [&](const FactCell& cell) {
                           AddCell(id, cell, before.Decide(id, cell.point),
                                   after.Decide(id, cell.point), found);
                         },
                         max_cells));
    diff.classes += walked;
    CompareDeadlines(id, before, after, diff);
    AddFound(std::move(found), diff.changes);
  }
  ByKey counts;
  CompareAllCounts(diff.axes, before, after, counts);
  AddFound(std::move(counts), diff.changes);
  std::stable_sort(
      diff.changes.begin(), diff.changes.end(),
      [](const auto& a, const auto& b) { return a.kind < b.kind; });
  return diff;
}

std::string Thousands(size_t number) {
  std::string digits = absl::StrCat(number);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string Sentence(const DeadlineChange& change) {
  return absl::StrCat(change.agreement, ": ", change.name, " is now ",
                      change.after, " (was ", change.before, ")");
}

std::string Sentence(const FactAxes& axes, const PolicyChange& change) {
  const FactBox& box = change.box;
  const std::string holders = Words(axes, Axis::kHolder, box[Axis::kHolder]);
  const std::string classes =
      absl::StrCat(" (", Thousands(change.classes),
                   change.classes == 1 ? " class)" : " classes)");
  if (change.agreement.empty()) {
    return absl::StrCat(
        "national ", AnyOr(holders, "everyone"), ": cases",
        AnyOr(Conditions(axes, box), " of every kind"),
        change.after.permitted ? " are now counted" : " are no longer counted",
        " in published periods", classes);
  }
  const bool permission = change.kind == ChangeKind::kWidened ||
                          change.kind == ChangeKind::kNarrowed;
  const char* now = change.kind == ChangeKind::kWidened    ? "now "
                    : change.kind == ChangeKind::kNarrowed ? "no longer "
                                                           : "";
  const uint64_t groups = box[Axis::kGroup] & ~uint64_t{1};
  const std::string verb =
      groups == 0 ? "answer "
                  : absl::StrCat(
                        "tell ",
                        AnyOr(Words(axes, Axis::kGroup, groups), "every field"),
                        " to ");
  return absl::StrCat(change.agreement, ": ", AnyOr(holders, "every party"),
                      " may ", now, verb, Receivers(axes, box),
                      Circumstances(axes, box), permission ? "" : ": ",
                      change.demand, classes);
}

}  // namespace comity
