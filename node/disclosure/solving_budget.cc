#include "node/disclosure/solving_budget.h"

#include <algorithm>

namespace comity {
namespace {

// Some hundredths of a second.
constexpr uint64_t kAskEach = 100 * SolvingBudget::kStepsOfPivot;

}  // namespace

void SolvingBudget::Spend(uint64_t steps) {
  left_ -= std::min(left_, steps);
  unasked_ += steps;
  if (unasked_ < kAskEach || !is_cancelled_) return;
  unasked_ = 0;
  if (!is_cancelled_()) return;
  was_cancelled_ = true;
  left_ = 0;
}

}  // namespace comity
