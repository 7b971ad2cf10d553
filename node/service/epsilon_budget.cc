#include "node/service/epsilon_budget.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "node/audit/restore_mark.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/policy/budgets.h"
#include "node/service/table_budgets.h"

namespace comity {
namespace {

namespace pb = operators::v1;

// No participant's code is empty.
constexpr const char* kAllAskers = "";

std::string EpsilonCounter(absl::string_view asker) {
  return absl::StrCat("epsilon/", asker);
}

// What the asker was told of the period: the one place where it is read. Of a
// period that was over when the node was restored nobody here knows it.
absl::StatusOr<uint32_t> EpsilonTold(const StateReader& store,
                                     absl::string_view asker,
                                     const std::string& period) {
  ASSIGN_OR_RETURN(const absl::Time spent_at, SpentAt(store));
  if (spent_at != absl::InfinitePast() &&
      period < absl::FormatTime("%E4Y", spent_at, absl::UTCTimeZone())) {
    return kAllOfABudget;
  }
  return store.ReadCounter(EpsilonCounter(asker), period);
}

// What one counter is charged in the committing transaction.
absl::Status ChargeOne(absl::string_view asker, const std::string& period,
                       uint32_t more, uint32_t budget,
                       StoreTransaction& store) {
  ASSIGN_OR_RETURN(const uint32_t before, EpsilonTold(store, asker, period));
  if (GoesOver(budget, before, more)) {
    return ReasonError(ErrorReason::kPrivacyBudgetSpent,
                       "the period's budget of epsilon is spent");
  }
  return store.ChargeCounter(EpsilonCounter(asker), period, more).status();
}

}  // namespace

absl::Status ReadEpsilonSpent(const std::string& period,
                              const ParticipantCode& asker,
                              const StoreReader& reader, StateFacts& state) {
  ASSIGN_OR_RETURN(state.epsilon_spent,
                   EpsilonTold(reader, asker.text(), period));
  ASSIGN_OR_RETURN(state.epsilon_spent_by_all,
                   EpsilonTold(reader, kAllAskers, period));
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
  RETURN_IF_ERROR(ChargeOne(asker.text(), period, cost.epsilon_new,
                            duties.epsilon_asker_thousandths, store));
  RETURN_IF_ERROR(ChargeOne(kAllAskers, period, cost.epsilon_new_for_all,
                            duties.epsilon_all_thousandths, store));
  return store.PutDelivered(asker.text(), {answer.key});
}

absl::Status ListEpsilonBudgets(OperatorCall& call,
                                pb::ListBudgetsResponse& response) {
  const NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const std::vector<SnapshotRow> snapshots,
                   node.store.ListSnapshots());
  std::set<std::string> periods;
  for (const SnapshotRow& row : snapshots) periods.insert(row.period);
  for (const auto& [asker, agreement, duties] : CountBudgetsOf(
           call.engine().set(), node.self.text(), /*telling_epsilon=*/true)) {
    for (const std::string& period : periods) {
      ASSIGN_OR_RETURN(const uint32_t told,
                       EpsilonTold(node.store, asker, period));
      ASSIGN_OR_RETURN(const uint32_t told_to_all,
                       EpsilonTold(node.store, kAllAskers, period));
      auto* budget = response.add_epsilon_budgets();
      budget->set_asker(asker);
      budget->set_agreement_id(agreement->id);
      budget->set_period(period);
      budget->set_spent(told == kAllOfABudget ? duties.epsilon_asker_thousandths
                                              : told);
      budget->set_allowed(duties.epsilon_asker_thousandths);
      budget->set_spent_by_all(told_to_all == kAllOfABudget
                                   ? duties.epsilon_all_thousandths
                                   : told_to_all);
      budget->set_allowed_for_all(duties.epsilon_all_thousandths);
    }
  }
  return absl::OkStatus();
}

}  // namespace comity
