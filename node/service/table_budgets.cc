#include "node/service/table_budgets.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "node/audit/restore_mark.h"
#include "node/base/status_macros.h"
#include "node/policy/budgets.h"
#include "node/service/epsilon_budget.h"
#include "node/service/linked_budget.h"

namespace comity {

namespace pb = operators::v1;

std::set<std::string> ParticipantsNamed(const Agreement& agreement,
                                        const std::vector<std::string>& names) {
  std::set<std::string> participants;
  for (const std::string& name : names) {
    absl::string_view group_id = name;
    if (!absl::ConsumePrefix(&group_id, "@")) {
      participants.insert(name);
      continue;
    }
    for (const ParticipantGroup& group : agreement.groups) {
      if (group.id != group_id) continue;
      for (const Membership& member : group.members) {
        participants.insert(member.participant);
      }
    }
  }
  return participants;
}

namespace {

// Parties that may ask `self` for counts under the grant.
std::vector<std::string> AskersOfCounts(const Agreement& agreement,
                                        const Grant& grant,
                                        const std::string& self) {
  if (!grant.operation.Contains(Operation::kAggregateCount) ||
      !ParticipantsNamed(agreement, grant.holder).contains(self)) {
    return {};
  }
  const std::set<std::string> named = ParticipantsNamed(agreement, grant.asker);
  std::vector<std::string> askers;
  std::copy_if(agreement.party.begin(), agreement.party.end(),
               std::back_inserter(askers),
               [&](const std::string& party) { return named.contains(party); });
  return askers;
}

}  // namespace

std::vector<CountBudget> CountBudgetsOf(const PolicySet& set,
                                        const std::string& self,
                                        bool telling_epsilon) {
  std::map<std::pair<std::string, std::string>, CountBudget> budgets;
  for (const Agreement& agreement : set.agreements) {
    for (const Grant& grant : agreement.grants) {
      const Duties duties = Join(agreement.duties, grant.duties);
      if (telling_epsilon && !TellsEpsilon(duties.count_method)) continue;
      for (const std::string& asker : AskersOfCounts(agreement, grant, self)) {
        const auto [at, added] = budgets.try_emplace(
            {asker, agreement.id}, CountBudget{asker, &agreement, duties});
        if (!added) at->second.duties = Join(at->second.duties, duties);
      }
    }
  }
  std::vector<CountBudget> found;
  found.reserve(budgets.size());
  for (auto& [whose, budget] : budgets) found.push_back(std::move(budget));
  return found;
}

std::string BudgetCounter(const std::string& asker) {
  return absl::StrCat("cells/", asker);
}

std::string BudgetWindow(absl::Time now) {
  return absl::FormatTime("%Y", now, absl::UTCTimeZone());
}

absl::StatusOr<uint32_t> CellsGiven(const StateReader& store,
                                    const std::string& asker,
                                    absl::Time agreement_from, absl::Time now) {
  ASSIGN_OR_RETURN(const absl::Time spent_at, SpentAt(store));
  const std::string year = BudgetWindow(now);
  if (BudgetWindow(spent_at) == year && agreement_from <= spent_at) {
    return kAllOfABudget;
  }
  return store.ReadCounter(BudgetCounter(asker), year);
}

absl::Status HandleListBudgets(OperatorCall& call,
                               const pb::ListBudgetsRequest&,
                               pb::ListBudgetsResponse& response) {
  const std::string year = BudgetWindow(call.now());
  for (const auto& [asker, agreement, duties] :
       CountBudgetsOf(call.engine().set(), call.node().self.text(),
                      /*telling_epsilon=*/false)) {
    ASSIGN_OR_RETURN(const uint32_t used,
                     CellsGiven(call.node().store, asker, agreement->valid_from,
                                call.now()));
    auto* budget = response.add_budgets();
    budget->set_asker(asker);
    budget->set_agreement_id(agreement->id);
    budget->set_year(year);
    budget->set_used(used == kAllOfABudget ? duties.yearly_budget : used);
    budget->set_allowed(duties.yearly_budget);
    RETURN_IF_ERROR(ListLinkedTables(call.node().store, asker, agreement->id,
                                     MostLinkedTables(duties), response));
  }
  return ListEpsilonBudgets(call, response);
}

}  // namespace comity
