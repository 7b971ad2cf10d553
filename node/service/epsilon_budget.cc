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

// What is counted, as counters are named.
constexpr const char* kEpsilon = "epsilon";
constexpr const char* kDelta = "delta";

std::string Counter(absl::string_view what, absl::string_view asker) {
  return absl::StrCat(what, "/", asker);
}

// What the asker was told of the period: the one place where it is read. Of a
// period that was over when the node was restored nobody here knows it.
absl::StatusOr<uint32_t> Told(const StateReader& store, absl::string_view what,
                              absl::string_view asker,
                              const std::string& period) {
  ASSIGN_OR_RETURN(const absl::Time spent_at, SpentAt(store));
  if (spent_at != absl::InfinitePast() &&
      period < absl::FormatTime("%E4Y", spent_at, absl::UTCTimeZone())) {
    return kAllOfABudget;
  }
  return store.ReadCounter(Counter(what, asker), period);
}

// What one counter is charged in the committing transaction.
absl::Status ChargeOne(absl::string_view what, absl::string_view asker,
                       const std::string& period, uint32_t more,
                       uint32_t budget, StoreTransaction& store) {
  ASSIGN_OR_RETURN(const uint32_t before, Told(store, what, asker, period));
  if (GoesOver(budget, before, more)) {
    return ReasonError(
        ErrorReason::kPrivacyBudgetSpent,
        absl::StrCat("the period's budget of ", what, " is spent"));
  }
  return store.ChargeCounter(Counter(what, asker), period, more).status();
}

// What was told, or all that may be where nobody knows.
uint32_t Shown(uint32_t told, uint32_t allowed) {
  return told == kAllOfABudget ? allowed : told;
}

// Fills what one asker, and all, were told of the period.
absl::Status FillBudget(const StateReader& store, const Duties& duties,
                        pb::EpsilonBudget& budget) {
  const std::string& period = budget.period();
  const uint32_t epsilon = duties.epsilon_asker_thousandths;
  const uint32_t epsilon_for_all = duties.epsilon_all_thousandths;
  const uint32_t delta = duties.count_method == CountMethod::kDiscreteGaussian
                             ? DeltaBudget(duties)
                             : 0;
  ASSIGN_OR_RETURN(uint32_t told,
                   Told(store, kEpsilon, budget.asker(), period));
  budget.set_spent(Shown(told, epsilon));
  budget.set_allowed(epsilon);
  ASSIGN_OR_RETURN(told, Told(store, kEpsilon, kAllAskers, period));
  budget.set_spent_by_all(Shown(told, epsilon_for_all));
  budget.set_allowed_for_all(epsilon_for_all);
  ASSIGN_OR_RETURN(told, Told(store, kDelta, budget.asker(), period));
  budget.set_delta_spent(Shown(told, delta));
  ASSIGN_OR_RETURN(told, Told(store, kDelta, kAllAskers, period));
  budget.set_delta_spent_by_all(Shown(told, delta));
  budget.set_delta_allowed(delta);
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadEpsilonSpent(const std::string& period,
                              const ParticipantCode& asker,
                              const StoreReader& reader, StateFacts& state) {
  ASSIGN_OR_RETURN(state.epsilon_spent,
                   Told(reader, kEpsilon, asker.text(), period));
  ASSIGN_OR_RETURN(state.epsilon_spent_by_all,
                   Told(reader, kEpsilon, kAllAskers, period));
  ASSIGN_OR_RETURN(state.delta_spent,
                   Told(reader, kDelta, asker.text(), period));
  ASSIGN_OR_RETURN(state.delta_spent_by_all,
                   Told(reader, kDelta, kAllAskers, period));
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
  state.delta_new = fresh * answer.delta;
  state.delta_new_for_all = answer.first.has_value() ? answer.delta : 0;
  return absl::OkStatus();
}

absl::Status ChargeEpsilon(const ProtectedAnswer& answer,
                           const ParticipantCode& asker, const Duties& duties,
                           StoreTransaction& store) {
  if (answer.epsilon == 0) return absl::OkStatus();
  StateFacts cost;
  RETURN_IF_ERROR(ReadEpsilonCost(answer, asker, store, cost));
  const std::string& period = answer.released.period();
  RETURN_IF_ERROR(ChargeOne(kEpsilon, asker.text(), period, cost.epsilon_new,
                            duties.epsilon_asker_thousandths, store));
  RETURN_IF_ERROR(ChargeOne(kEpsilon, kAllAskers, period,
                            cost.epsilon_new_for_all,
                            duties.epsilon_all_thousandths, store));
  RETURN_IF_ERROR(ChargeOne(kDelta, asker.text(), period, cost.delta_new,
                            DeltaBudget(duties), store));
  RETURN_IF_ERROR(ChargeOne(kDelta, kAllAskers, period, cost.delta_new_for_all,
                            DeltaBudget(duties), store));
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
      auto* budget = response.add_epsilon_budgets();
      budget->set_asker(asker);
      budget->set_agreement_id(agreement->id);
      budget->set_period(period);
      RETURN_IF_ERROR(FillBudget(node.store, duties, *budget));
    }
  }
  return absl::OkStatus();
}

}  // namespace comity
