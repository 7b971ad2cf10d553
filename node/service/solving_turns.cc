#include "node/service/solving_turns.h"

#include <utility>

#include "node/base/error_reason.h"

namespace comity {

absl::StatusOr<std::unique_ptr<SolvingTurns::Turn>> SolvingTurns::Take(
    const ParticipantCode& partner, std::function<bool()> is_cancelled) {
  {
    absl::MutexLock lock(&mutex_);
    int& taken = taken_[partner];
    if (taken >= kMostOfPartner) {
      return ReasonError(ErrorReason::kOverloaded,
                         "as many tables as may be at once are being solved "
                         "for this participant; ask again in a moment");
    }
    ++taken;
  }
  return std::make_unique<Turn>(*this, partner, std::move(is_cancelled));
}

void SolvingTurns::GiveBack(const ParticipantCode& partner) {
  absl::MutexLock lock(&mutex_);
  const auto taken = taken_.find(partner);
  if (--taken->second == 0) taken_.erase(taken);
}

}  // namespace comity
