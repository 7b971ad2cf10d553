#include "node/policy/partner_view.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/policy/duty_words.h"

namespace comity {
namespace {

// The agreement cited, and the request's part of a box.
using RequestKey =
    std::pair<std::string, std::array<uint64_t, kFirstRecordAxis>>;

// How many records without an emergency a box holds.
uint64_t Records(const FactBox& box) {
  if ((box[Axis::kEmergency] & 1) == 0) return 0;
  uint64_t records = 1;
  for (int i = kFirstRecordAxis; i < kAxisCount; ++i) {
    records *= static_cast<uint64_t>(
        __builtin_popcountll(box.values[static_cast<size_t>(i)]));
  }
  return records;
}

uint64_t AllRecords(const FactAxes& axes) {
  uint64_t records = 1;
  for (int i = kFirstRecordAxis; i < kAxisCount; ++i) {
    records *= axes.size(static_cast<Axis>(i));
  }
  return records;
}

// One cell while the walk goes on.
struct Gathered {
  ViewCell cell;
  FactBox reachable;  // union of all boxes that are answered
  absl::flat_hash_map<RequestKey, uint64_t> answered;
  bool any = false;
};

void AddAnswer(const std::string& agreement, const FactCell& cell,
               const Answer& answer, Gathered& gathered) {
  ViewCell& view = gathered.cell;
  if (!answer.permitted) {
    for (const SpaceRule* rule : cell.rules) {
      if (rule->deny != nullptr) view.refusing.insert(rule->id());
    }
    return;
  }
  const uint32_t approvals = answer.approvals + answer.approvals_at_home;
  view.least = gathered.any ? Meet(view.least, answer.duties) : answer.duties;
  view.approvals_least =
      gathered.any ? std::min(view.approvals_least, approvals) : approvals;
  view.approvals_most = std::max(view.approvals_most, approvals);
  view.most = Join(view.most, answer.duties);
  gathered.any = true;
  view.only_in_emergency &= (cell.box[Axis::kEmergency] & 1) == 0;
  view.rules.insert(answer.rules.begin(), answer.rules.end());
  for (size_t i = 0; i < kAxisCount; ++i) {
    gathered.reachable.values[i] |= cell.box.values[i];
  }
  RequestKey key{agreement, {}};
  std::copy_n(cell.box.values.begin(), key.second.size(), key.second.begin());
  key.second[static_cast<size_t>(Axis::kEmergency)] = 0;
  gathered.answered[key] += Records(cell.box);
}

using GatheredRows =
    std::map<Operation, std::array<Gathered, kFieldGroupCount>>;

// To each operation and group that the cell stands for.
void AddCell(const FactAxes& axes, const std::string& agreement,
             const FactCell& cell, const Answer& answer, GatheredRows& rows) {
  for (size_t op = 0; op < axes.size(Axis::kOperation); ++op) {
    if ((cell.box[Axis::kOperation] >> op & 1) == 0) continue;
    auto& row = rows[static_cast<Operation>(op)];
    for (size_t group = 0; group < axes.size(Axis::kGroup); ++group) {
      if ((cell.box[Axis::kGroup] >> group & 1) == 0) continue;
      AddAnswer(agreement, cell, answer, row[group]);
    }
  }
}

ViewCell Finish(const FactAxes& axes, const Gathered& gathered) {
  ViewCell cell = gathered.cell;
  if (!gathered.any) {
    cell.only_in_emergency = false;
    return cell;
  }
  cell.reach = Reach::kWhen;
  const uint64_t all = AllRecords(axes);
  for (const auto& [request, records] : gathered.answered) {
    if (records == all) cell.reach = Reach::kAlways;
  }
  const FactBox& box = gathered.reachable;
  const auto set = [](uint64_t values) {
    return static_cast<uint32_t>(values);
  };
  cell.roles = EnumSet<Role>::FromBits(set(box[Axis::kRole]));
  cell.purposes = EnumSet<Purpose>::FromBits(set(box[Axis::kPurpose]));
  cell.bases = EnumSet<LegalBasis>::FromBits(set(box[Axis::kBasis]));
  cell.tables = Words(axes, Axis::kTable, box[Axis::kTable]);
  for (int i = kFirstRecordAxis; i < kAxisCount; ++i) {
    const auto axis = static_cast<Axis>(i);
    const std::string words = Words(axes, axis, box[axis]);
    if (!words.empty()) {
      cell.conditions.push_back(absl::StrCat(Name(axis), " is ", words));
    }
  }
  return cell;
}

std::set<std::string> SharedAgreements(const HolderPolicies& policies,
                                       const std::string& holder,
                                       const std::string& asker) {
  std::set<std::string> ids;
  for (const Agreement& agreement : policies.agreements()) {
    const auto& party = agreement.party;
    if (std::find(party.begin(), party.end(), holder) != party.end() &&
        std::find(party.begin(), party.end(), asker) != party.end()) {
      ids.insert(agreement.id);
    }
  }
  return ids;
}

// Of the last revision of each that grants referrals.
std::vector<ViewDeadlines> DeadlinesUnder(const HolderPolicies& policies,
                                          const std::set<std::string>& ids) {
  std::vector<ViewDeadlines> all;
  for (const std::string& id : ids) {
    const Agreement& last = *policies.Revisions(id).back();
    if (last.GrantsReferrals()) all.push_back({id, last.deadlines});
  }
  return all;
}

}  // namespace

const char* Name(Reach reach) {
  switch (reach) {
    case Reach::kNever:
      return "never";
    case Reach::kWhen:
      return "when";
    case Reach::kAlways:
      return "always";
  }
  return "never";
}

absl::StatusOr<PartnerView> ViewPartner(const HolderPolicies& policies,
                                        const std::string& holder,
                                        const std::string& asker,
                                        absl::Time at) {
  const auto ids = SharedAgreements(policies, holder, asker);
  if (ids.empty() || holder == asker) {
    return ReasonError(ErrorReason::kNotFound,
                       absl::StrCat("no agreement has both ", holder, " and ",
                                    asker, " as parties"));
  }
  ASSIGN_OR_RETURN(const FactAxes axes,
                   FactAxes::Create({&policies}, {at, true, holder, asker}));
  PartnerView view{holder, asker, at, {}, 0, DeadlinesUnder(policies, ids)};
  GatheredRows gathered;
  for (const std::string& id : ids) {
    const FactSpace space(axes, {&policies}, id);
    ASSIGN_OR_RETURN(
        const size_t classes, space.Walk([&](const FactCell& cell) {
          AddCell(axes, id, cell, policies.Decide(id, cell.point), gathered);
        }));
    view.classes += classes;
  }
  for (const auto& [operation, row] : gathered) {
    for (size_t group = 0; group < row.size(); ++group) {
      view.rows[operation][group] = Finish(axes, row[group]);
    }
  }
  return view;
}

}  // namespace comity
