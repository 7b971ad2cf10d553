#pragma once

#include <cstdint>

#include "node/policy/decision.h"
#include "node/policy/facts.h"

namespace comity {

// Whether `more` than the `before` that was charged goes over a budget; zero:
// there is none. What costs nothing is free, also when the budget is spent.
inline bool GoesOver(uint32_t budget, uint32_t before, uint32_t more) {
  return budget != 0 && more != 0 && uint64_t{before} + more > budget;
}

// The most tables of one revision that share columns.
inline uint32_t MostLinkedTables(const Duties& duties) {
  return duties.linked_tables == 0 ? kUsualLinkedTables : duties.linked_tables;
}

// 1 / 10^exponent in trillionths, in which delta is counted: the smallest delta
// that a table has is one.
inline uint32_t DeltaTrillionths(uint32_t exponent) {
  constexpr uint32_t kExponentOfOne = 12;
  uint32_t trillionths = 1;
  for (uint32_t i = exponent; i < kExponentOfOne; ++i) trillionths *= 10;
  return trillionths;
}

// The most delta of all tables of one period, in trillionths: what one asker is
// told, and what all askers are told together.
inline uint32_t DeltaBudget(const Duties& duties) {
  return DeltaTrillionths(duties.delta_budget_exponent == 0
                              ? kUsualDeltaBudget
                              : duties.delta_budget_exponent);
}

// Whether one more answer goes over a budget of the duties: of cells, of tables
// that share columns, or of epsilon or delta told to the asker or to all.
inline bool GoesOverABudget(const Duties& duties, const StateFacts& state) {
  return GoesOver(duties.yearly_budget, state.cells_used_this_year,
                  state.new_cells) ||
         state.linked_tables > MostLinkedTables(duties) ||
         GoesOver(duties.epsilon_asker_thousandths, state.epsilon_spent,
                  state.epsilon_new) ||
         GoesOver(duties.epsilon_all_thousandths, state.epsilon_spent_by_all,
                  state.epsilon_new_for_all) ||
         GoesOver(DeltaBudget(duties), state.delta_spent, state.delta_new) ||
         GoesOver(DeltaBudget(duties), state.delta_spent_by_all,
                  state.delta_new_for_all);
}

}  // namespace comity
