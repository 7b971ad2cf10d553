#pragma once

#include <cstdint>
#include <functional>
#include <utility>

namespace comity {

// How much work solving may take: counted in steps and never in seconds, so
// that the same tables have the same outcome on every machine. A step looks at
// about one number of the system; a pivot of the simplex method counts as
// kStepsOfPivot. One object is for all solutions of one suppression together,
// or for one audit. Not thread-safe.
class SolvingBudget {
 public:
  static constexpr uint64_t kStepsOfPivot = 10'000;
  static constexpr uint64_t kMostPivots = 200'000;

  // `is_cancelled` says whether nobody waits for the outcome any longer; it is
  // asked now and then, and what is left is gone from then on. May be empty.
  explicit SolvingBudget(uint64_t pivots = kMostPivots,
                         std::function<bool()> is_cancelled = nullptr)
      : left_(pivots * kStepsOfPivot), is_cancelled_(std::move(is_cancelled)) {}

  // Takes what was done off. What is begun is ended, so that more may have been
  // done than was left.
  void Spend(uint64_t steps);
  void SpendPivots(uint64_t pivots) { Spend(pivots * kStepsOfPivot); }

  // Nothing is left: what comes out from now on may say too little.
  bool IsSpent() const { return left_ == 0; }
  bool WasCancelled() const { return was_cancelled_; }
  // So many may be begun; none once it is spent.
  int PivotsLeft() const {
    return static_cast<int>((left_ + kStepsOfPivot - 1) / kStepsOfPivot);
  }

 private:
  uint64_t left_;
  uint64_t unasked_ = 0;  // steps since somebody was last asked who waits
  std::function<bool()> is_cancelled_;
  bool was_cancelled_ = false;
};

}  // namespace comity
