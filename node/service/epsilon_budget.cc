#include "node/service/epsilon_budget.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/policy/budgets.h"

namespace comity {
namespace {

// No participant's code is empty.
constexpr const char* kAllAskers = "";

std::string EpsilonCounter(absl::string_view asker) {
  return absl::StrCat("epsilon/", asker);
}

// What one counter is charged in the committing transaction.
absl::Status ChargeOne(const std::string& counter, const std::string& period,
                       uint32_t more, uint32_t budget,
                       StoreTransaction& store) {
  ASSIGN_OR_RETURN(const uint32_t before, store.ReadCounter(counter, period));
  if (GoesOver(budget, before, more)) {
    return ReasonError(ErrorReason::kPrivacyBudgetSpent,
                       "the period's budget of epsilon is spent");
  }
  return store.ChargeCounter(counter, period, more).status();
}

}  // namespace

absl::Status ReadEpsilonSpent(const std::string& period,
                              const ParticipantCode& asker,
                              const StoreReader& reader, StateFacts& state) {
  ASSIGN_OR_RETURN(state.epsilon_spent,
                   reader.ReadCounter(EpsilonCounter(asker.text()), period));
  ASSIGN_OR_RETURN(state.epsilon_spent_by_all,
                   reader.ReadCounter(EpsilonCounter(kAllAskers), period));
  return absl::OkStatus();
}

absl::Status ReadEpsilonCost(const ProtectedAnswer& answer,
                             const ParticipantCode& asker,
                             const StoreReader& reader, StateFacts& state) {
  if (answer.epsilon == 0) return absl::OkStatus();
  // Whoever was given the table has its key among her cells.
  ASSIGN_OR_RETURN(const uint32_t fresh,
                   reader.CountUndelivered(asker.text(), {answer.key}));
  state.epsilon_new = fresh * answer.epsilon;
  state.epsilon_new_for_all = answer.first.has_value() ? answer.epsilon : 0;
  return absl::OkStatus();
}

absl::Status ChargeEpsilon(const ProtectedAnswer& answer,
                           const ParticipantCode& asker, const Duties& duties,
                           StoreTransaction& store) {
  if (answer.epsilon == 0) return absl::OkStatus();
  StateFacts cost;
  RETURN_IF_ERROR(ReadEpsilonCost(answer, asker, store, cost));
  const std::string& period = answer.released.period();
  RETURN_IF_ERROR(ChargeOne(EpsilonCounter(asker.text()), period,
                            cost.epsilon_new, duties.epsilon_asker_thousandths,
                            store));
  RETURN_IF_ERROR(ChargeOne(EpsilonCounter(kAllAskers), period,
                            cost.epsilon_new_for_all,
                            duties.epsilon_all_thousandths, store));
  return store.PutDelivered(asker.text(), {answer.key});
}

absl::Status ListEpsilonBudgets(const std::string& asker,
                                const std::string& agreement_id,
                                const Duties& duties, OperatorCall& call,
                                operators::v1::ListBudgetsResponse& response) {
  if (duties.count_method != CountMethod::kDiscreteLaplace) {
    return absl::OkStatus();
  }
  const auto& store = call.node().store;
  ASSIGN_OR_RETURN(const std::vector<SnapshotRow> snapshots,
                   store.ListSnapshots());
  std::set<std::string> periods;
  for (const SnapshotRow& row : snapshots) periods.insert(row.period);
  for (const std::string& period : periods) {
    ASSIGN_OR_RETURN(const uint32_t spent,
                     store.ReadCounter(EpsilonCounter(asker), period));
    ASSIGN_OR_RETURN(const uint32_t by_all,
                     store.ReadCounter(EpsilonCounter(kAllAskers), period));
    auto* budget = response.add_epsilon_budgets();
    budget->set_asker(asker);
    budget->set_agreement_id(agreement_id);
    budget->set_period(period);
    budget->set_spent(spent);
    budget->set_allowed(duties.epsilon_asker_thousandths);
    budget->set_spent_by_all(by_all);
    budget->set_allowed_for_all(duties.epsilon_all_thousandths);
  }
  return absl::OkStatus();
}

}  // namespace comity
