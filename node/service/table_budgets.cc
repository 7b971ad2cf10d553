#include "node/service/table_budgets.h"

#include <algorithm>
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
namespace {

namespace pb = operators::v1;

struct Budget {
  uint32_t cells = 0;
  uint32_t linked_tables = 0;
  absl::Time from;  // when the agreement begins
};

// The smallest budgets of each asker and agreement that this node answers
// counts under.
std::map<std::pair<std::string, std::string>, Budget> BudgetsOf(
    const PolicySet& set, const std::string& self) {
  std::map<std::pair<std::string, std::string>, Budget> budgets;
  for (const Agreement& agreement : set.agreements) {
    for (const Grant& grant : agreement.grants) {
      if (!grant.operation.Contains(Operation::kAggregateCount) ||
          !ParticipantsNamed(agreement, grant.holder).contains(self)) {
        continue;
      }
      const Duties duties = Join(agreement.duties, grant.duties);
      const Budget budget{duties.yearly_budget, MostLinkedTables(duties),
                          agreement.valid_from};
      for (const std::string& asker :
           ParticipantsNamed(agreement, grant.asker)) {
        const auto [at, added] =
            budgets.emplace(std::pair(asker, agreement.id), budget);
        if (added) continue;
        Budget& least = at->second;
        least.cells = std::min(least.cells, budget.cells);
        least.linked_tables =
            std::min(least.linked_tables, budget.linked_tables);
      }
    }
  }
  return budgets;
}

}  // namespace

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

std::string BudgetCounter(const std::string& asker,
                          const std::string& agreement_id) {
  return absl::StrCat("cells/", asker, "/", agreement_id);
}

std::string BudgetWindow(absl::Time now) {
  return absl::FormatTime("%Y", now, absl::UTCTimeZone());
}

absl::StatusOr<uint32_t> CellsGiven(const StateReader& store,
                                    const std::string& asker,
                                    const std::string& agreement_id,
                                    absl::Time agreement_from, absl::Time now) {
  ASSIGN_OR_RETURN(const absl::Time spent_at, SpentAt(store));
  const std::string year = BudgetWindow(now);
  if (BudgetWindow(spent_at) == year && agreement_from <= spent_at) {
    return kAllCells;
  }
  return store.ReadCounter(BudgetCounter(asker, agreement_id), year);
}

absl::Status HandleListBudgets(OperatorCall& call,
                               const pb::ListBudgetsRequest&,
                               pb::ListBudgetsResponse& response) {
  const std::string year = BudgetWindow(call.now());
  for (const auto& [whose, allowed] :
       BudgetsOf(call.engine().set(), call.node().self.text())) {
    ASSIGN_OR_RETURN(const uint32_t used,
                     CellsGiven(call.node().store, whose.first, whose.second,
                                allowed.from, call.now()));
    auto* budget = response.add_budgets();
    budget->set_asker(whose.first);
    budget->set_agreement_id(whose.second);
    budget->set_year(year);
    budget->set_used(used == kAllCells ? allowed.cells : used);
    budget->set_allowed(allowed.cells);
    RETURN_IF_ERROR(ListLinkedTables(call.node().store, whose.first,
                                     whose.second, allowed.linked_tables,
                                     response));
  }
  return ListEpsilonBudgets(call, response);
}

}  // namespace comity
