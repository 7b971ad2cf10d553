#include "node/delivery/pace.h"

#include "gmock/gmock.h"
#include "node/base/clock.h"

namespace comity {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;

class PaceTest : public testing::Test {
 protected:
  absl::Duration Wait() const { return pace_.due() - clock_.Now(); }
  // Fails as soon as the next round is due; returns the wait that follows.
  absl::Duration FailWhenDue(bool away = true) {
    if (Wait() > absl::ZeroDuration()) clock_.Advance(Wait());
    pace_.Failed(clock_.Now(), away);
    return Wait();
  }

  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  SeededRandomForTest random_{7};
  Pace pace_{PaceLimits(), random_};
};

TEST_F(PaceTest, TheFirstRoundIsDueAtOnce) {
  EXPECT_LE(pace_.due(), clock_.Now());
}

TEST_F(PaceTest, EachFailureDoublesTheWaitUpToAMinute) {
  absl::Duration longest = absl::Milliseconds(250);
  for (int i = 0; i < 12; ++i) {
    EXPECT_THAT(FailWhenDue(), AllOf(Ge(longest / 2), Le(longest))) << i;
    longest = std::min(longest * 2, absl::Seconds(60));
  }
  EXPECT_EQ(longest, absl::Seconds(60));
}

TEST_F(PaceTest, WeeksOfFailureStayAtAMinute) {
  for (int i = 0; i < 50000; ++i) ASSERT_LE(FailWhenDue(), absl::Seconds(60));
}

TEST_F(PaceTest, TheJitterSpreadsTheTries) {
  std::set<absl::Duration> waits;
  for (int i = 0; i < 40; ++i) waits.insert(FailWhenDue());
  EXPECT_GT(waits.size(), 20u);
}

TEST_F(PaceTest, TheSameSeedWaitsTheSame) {
  SeededRandomForTest random(7);
  Pace other(PaceLimits(), random);
  for (int i = 0; i < 10; ++i) {
    pace_.Failed(clock_.Now(), true);
    other.Failed(clock_.Now(), true);
    EXPECT_EQ(pace_.due(), other.due());
  }
}

TEST_F(PaceTest, ASuccessEndsTheBackoff) {
  for (int i = 0; i < 8; ++i) FailWhenDue();
  pace_.Succeeded(clock_.Now());
  EXPECT_EQ(Wait(), absl::Seconds(1));
  EXPECT_LE(FailWhenDue(), absl::Milliseconds(250));
}

// The first delivery follows within 2 seconds of the partner's return.
TEST_F(PaceTest, ASignOfLifeEndsALongWaitAtOnce) {
  for (int i = 0; i < 12; ++i) FailWhenDue();
  ASSERT_GE(Wait(), absl::Seconds(30));
  clock_.Advance(absl::Seconds(1));
  pace_.SignOfLife(clock_.Now());
  EXPECT_LE(pace_.due(), clock_.Now());
  EXPECT_LE(FailWhenDue(), absl::Milliseconds(500));
}

TEST_F(PaceTest, SignsOfLifeCostNoMoreThanFourTriesASecond) {
  int tries = 0;
  const absl::Time end = clock_.Now() + absl::Seconds(10);
  while (clock_.Now() < end) {
    pace_.SignOfLife(clock_.Now());
    if (pace_.due() <= clock_.Now()) {
      ++tries;
      pace_.Failed(clock_.Now(), true);
    }
    clock_.Advance(absl::Milliseconds(1));
  }
  EXPECT_THAT(tries, AllOf(Ge(20), Le(41)));
}

TEST_F(PaceTest, WhatIsQueuedGoesAtOnceUnlessThePartnerIsAway) {
  pace_.Succeeded(clock_.Now());
  pace_.Queued(clock_.Now());
  EXPECT_LE(pace_.due(), clock_.Now());
  for (int i = 0; i < 12; ++i) FailWhenDue();
  pace_.Queued(clock_.Now());
  EXPECT_GE(Wait(), absl::Seconds(30));
  // One dossier that is held up does not keep the others waiting.
  FailWhenDue(/*away=*/false);
  pace_.Queued(clock_.Now());
  EXPECT_LE(pace_.due(), clock_.Now());
}

}  // namespace
}  // namespace comity
