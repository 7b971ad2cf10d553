#pragma once

#include <functional>
#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "node/disclosure/solving_budget.h"
#include "node/domain/participant.h"

namespace comity {

// Who has tables solved at this moment: questions that take longest, each on a
// thread of its own. Each partner may have kMostOfPartner at once, so that it
// holds no more threads by them. Thread-safe; outlives its turns.
class SolvingTurns {
 public:
  static constexpr int kMostOfPartner = 2;

  // What one question may have solved; it is over with the turn.
  class Turn {
   public:
    Turn(SolvingTurns& turns, const ParticipantCode& partner,
         std::function<bool()> is_cancelled)
        : turns_(turns),
          partner_(partner),
          budget_(SolvingBudget::kMostPivots, std::move(is_cancelled)) {}
    ~Turn() { turns_.GiveBack(partner_); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    SolvingBudget& budget() { return budget_; }

   private:
    SolvingTurns& turns_;
    const ParticipantCode partner_;
    SolvingBudget budget_;
  };

  // OVERLOADED if the partner has as many already. `is_cancelled`: see
  // SolvingBudget.
  absl::StatusOr<std::unique_ptr<Turn>> Take(
      const ParticipantCode& partner,
      std::function<bool()> is_cancelled = nullptr);

 private:
  void GiveBack(const ParticipantCode& partner);

  absl::Mutex mutex_;
  std::map<ParticipantCode, int> taken_ ABSL_GUARDED_BY(mutex_);
};

// Takes a turn where there is something to solve.
using TakeSolvingTurn =
    std::function<absl::StatusOr<std::unique_ptr<SolvingTurns::Turn>>()>;

}  // namespace comity
