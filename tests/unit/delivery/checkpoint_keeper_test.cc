#include "node/delivery/checkpoint_keeper.h"

#include "node/audit/restore_mark.h"
#include "tests/support/exchanging_side.h"

namespace comity {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// Nigeria cannot be called: it calls Niger.
class CheckpointKeeperTest : public testing::Test {
 protected:
  CheckpointKeeperTest() {
    ng_.Pin(ne_, clock_.Now());
    ne_.Pin(ng_, clock_.Now());
  }
  // Nigeria logs so many messages, of each of which Niger sees the head.
  void ShowHeads(int count) {
    for (int i = 0; i < count; ++i) {
      ne_.Observe(ng_, ng_.LogFor(ne_), clock_.Now());
    }
  }
  absl::Status BothWays() {
    return ng_.keeper.ExchangeBothWays(ne_.code, to_ne_, absl::Seconds(1));
  }

  SystemRandom random_;
  FakeClock clock_{absl::Now()};
  ExchangingSide ng_{"NG", clock_, random_};
  ExchangingSide ne_{"NE", clock_, random_};
  ExchangingPeer to_ne_{ne_, ng_, clock_};
};

TEST_F(CheckpointKeeperTest, OneExchangeProvesTheLogOfWhoIsCalledAlone) {
  ShowHeads(3);
  ASSERT_OK(ng_.keeper.Exchange(ne_.code, to_ne_, absl::Seconds(1)));
  EXPECT_THAT(ne_.Needs(ng_).unproved_sizes, SizeIs(2));
}

TEST_F(CheckpointKeeperTest, BothWaysProvesBothLogs) {
  ShowHeads(3);
  for (int i = 0; i < 3; ++i) {
    ng_.Observe(ne_, ne_.LogFor(ng_), clock_.Now());
  }
  ASSERT_OK(BothWays());
  EXPECT_EQ(to_ne_.exchanges, 2);
  for (const WitnessNeeds& needs : {ne_.Needs(ng_), ng_.Needs(ne_)}) {
    EXPECT_THAT(needs.unproved_sizes, IsEmpty());
    EXPECT_EQ(needs.proved_size, 3u);
  }
  // Where nothing is lacking one call says so.
  ASSERT_OK(BothWays());
  EXPECT_EQ(to_ne_.exchanges, 3);
}

// A message that is still on its way leads to a head that is proved then.
TEST_F(CheckpointKeeperTest, AHeadIsProvedBeforeItIsSeen) {
  ShowHeads(1);
  const std::string on_its_way = ng_.LogFor(ne_);
  ASSERT_OK(BothWays());
  ne_.Observe(ng_, on_its_way, clock_.Now());
  EXPECT_THAT(ne_.Needs(ng_).unproved_sizes, IsEmpty());
}

TEST_F(CheckpointKeeperTest, AChainThatIsTooLongIsGivenInParts) {
  ShowHeads(120);
  size_t lacking = ne_.Needs(ng_).unproved_sizes.size();
  EXPECT_EQ(lacking, 119u);
  int rounds = 0;
  while (lacking > 0) {
    ASSERT_OK(BothWays());
    const size_t left = ne_.Needs(ng_).unproved_sizes.size();
    ASSERT_LT(left, lacking);
    lacking = left;
    ++rounds;
  }
  EXPECT_GT(rounds, 1);
  EXPECT_EQ(ne_.Needs(ng_).proved_size, 120u);
}

// It was restored from an older backup, and finds out before it gives proofs.
TEST_F(CheckpointKeeperTest, WhoLostItsLogIsToldAndGivesNothing) {
  ShowHeads(3);
  ExchangingSide restored("NG", clock_, random_, ng_.signer);
  restored.Pin(ne_, clock_.Now());
  restored.LogFor(ne_);
  EXPECT_THAT(
      restored.keeper.ExchangeBothWays(ne_.code, to_ne_, absl::Seconds(1)),
      FailsWith(ErrorReason::kLogForked));
  EXPECT_EQ(to_ne_.exchanges, 1);
}

// Files that were copied back by hand carry no mark: the partner tells, and
// what may have been given since counts as given.
TEST_F(CheckpointKeeperTest, WhoLostItsLogHasSpentWhatIsOpen) {
  ShowHeads(3);
  ExchangingSide copied("NG", clock_, random_, ng_.signer);
  copied.Pin(ne_, clock_.Now());
  copied.LogFor(ne_);
  ASSERT_EQ(*SpentAt(*copied.store), absl::InfinitePast());
  EXPECT_FALSE(
      copied.keeper.ExchangeBothWays(ne_.code, to_ne_, absl::Seconds(1)).ok());
  copied.Settle();
  const absl::StatusOr<absl::Time> spent = SpentAt(*copied.store);
  ASSERT_OK(spent);
  EXPECT_NE(*spent, absl::InfinitePast());
  // Told once more, nothing more is spent.
  clock_.Advance(absl::Hours(1));
  EXPECT_FALSE(
      copied.keeper.ExchangeBothWays(ne_.code, to_ne_, absl::Seconds(1)).ok());
  copied.Settle();
  EXPECT_EQ(*SpentAt(*copied.store), *spent);
}

TEST_F(CheckpointKeeperTest, ARestoreThatWasTakenUpIsNotTakenUpAgain) {
  ShowHeads(3);
  ExchangingSide restored("NG", clock_, random_, ng_.signer);
  restored.Pin(ne_, clock_.Now());
  restored.LogFor(ne_);
  ASSERT_OK(restored.writer.Commit(SpendWhatIsOpen).status());
  const absl::Time spent = *SpentAt(*restored.store);
  // The partner comes back days later.
  clock_.Advance(absl::Hours(50));
  EXPECT_FALSE(
      restored.keeper.ExchangeBothWays(ne_.code, to_ne_, absl::Seconds(1))
          .ok());
  restored.Settle();
  EXPECT_EQ(*SpentAt(*restored.store), spent);
  EXPECT_TRUE(*LossIsNoted(*restored.store, ne_.code));
}

}  // namespace
}  // namespace comity
