#include "node/service/solving_turns.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

const ParticipantCode kCommission = *ParticipantCode::Create("ECOWAS");
const ParticipantCode kNigeria = *ParticipantCode::Create("NG");

// Law 12: whoever asks, however often, holds two threads by what is solved.
TEST(SolvingTurnsTest, Law12APartnerHasTwoTablesSolvedAtOnce) {
  SolvingTurns turns;
  auto first = turns.Take(kCommission);
  ASSERT_OK(first);
  const auto second = turns.Take(kCommission);
  ASSERT_OK(second);
  EXPECT_THAT(turns.Take(kCommission), FailsWith(ErrorReason::kOverloaded));
  // Others are not held up.
  EXPECT_OK(turns.Take(kNigeria));
  first->reset();
  EXPECT_OK(turns.Take(kCommission));
}

TEST(SolvingTurnsTest, EachTurnHasABudgetOfItsOwn) {
  SolvingTurns turns;
  const auto one = turns.Take(kCommission, [] { return true; });
  const auto other = turns.Take(kCommission);
  ASSERT_OK(one);
  ASSERT_OK(other);
  (*one)->budget().SpendPivots(1000);
  EXPECT_TRUE((*one)->budget().WasCancelled());
  EXPECT_FALSE((*other)->budget().IsSpent());
}

}  // namespace
}  // namespace comity
