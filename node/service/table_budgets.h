#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "comity/operators/v1/table_service.pb.h"
#include "node/policy/policy_set.h"
#include "node/service/operator_gate.h"

namespace comity {

// The participants that codes and "@group" of an agreement stand for, at
// whatever time.
std::set<std::string> ParticipantsNamed(const Agreement& agreement,
                                        const std::vector<std::string>& names);

// What binds the counts that one asker is given under one agreement: the
// strictest of what its grants ask for. Borrows the agreement.
struct CountBudget {
  std::string asker;
  const Agreement* agreement;
  Duties duties;
};
// Of each party that this node answers counts to, by asker and agreement; or of
// grants alone by whose method tables tell epsilon.
std::vector<CountBudget> CountBudgetsOf(const PolicySet& set,
                                        const std::string& self,
                                        bool telling_epsilon);

// Where the cells that an asker was given are counted, under whatever
// agreement, since all are of the same data; and in which window: a calendar
// year (UTC). Persisted, so that a restart gives nothing back.
std::string BudgetCounter(const std::string& asker);
std::string BudgetWindow(absl::Time now);

// What may have been given before the node was restored, which nobody here
// knows: more than any budget.
inline constexpr uint32_t kAllOfABudget = uint32_t{1} << 30;

// How many cells the asker was given this year, as far as the node knows;
// kAllOfABudget if it was restored this year, since the agreement that it asks
// under began: nobody here knows then. Both parties may sign another one.
absl::StatusOr<uint32_t> CellsGiven(const StateReader& store,
                                    const std::string& asker,
                                    absl::Time agreement_from, absl::Time now);

// See TableService.ListBudgets.
absl::Status HandleListBudgets(OperatorCall& call,
                               const operators::v1::ListBudgetsRequest& request,
                               operators::v1::ListBudgetsResponse& response);

}  // namespace comity
