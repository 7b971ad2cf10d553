#include "node/daemon/byte_account.h"

#include "gtest/gtest.h"

namespace comity {
namespace {

constexpr ByteLimits kLimits{
    .unexplained = 1000, .per_second = 100, .handshake = 50};

class ByteAccountTest : public testing::Test {
 protected:
  bool Exceeds(uint64_t received, uint64_t explained) {
    return account_.Exceeds(received, explained, now_, kLimits);
  }

  absl::Time now_ = absl::FromUnixSeconds(1800000000);
  ByteAccount account_{now_, 0};
};

TEST_F(ByteAccountTest, BytesThatNoCallExplainsEndAtTheLimit) {
  EXPECT_FALSE(Exceeds(1000, 0));
  EXPECT_TRUE(Exceeds(1001, 0));
}

// What waits in the kernel is looked at after what came.
TEST_F(ByteAccountTest, ASumThatShrankIsNotTakenForAFlood) {
  EXPECT_FALSE(Exceeds(900, 0));
  EXPECT_FALSE(Exceeds(400, 0));
  EXPECT_FALSE(Exceeds(1000, 0));
  EXPECT_TRUE(Exceeds(1001, 0));
}

TEST_F(ByteAccountTest, CallsExplainWhatTheySent) {
  for (uint64_t calls = 1; calls <= 1000; ++calls) {
    ASSERT_FALSE(Exceeds(calls * 900, (calls - 1) * 900));
  }
}

TEST_F(ByteAccountTest, CallsOfBeforeAreNoCreditForAFlood) {
  EXPECT_FALSE(Exceeds(900, 0));
  EXPECT_FALSE(Exceeds(1000, 1000000));
  EXPECT_FALSE(Exceeds(2000, 1000000));
  EXPECT_TRUE(Exceeds(2001, 1000000));
}

TEST_F(ByteAccountTest, WhatComesSlowlyIsLetGo) {
  for (uint64_t second = 1; second <= 3600; ++second) {
    now_ += absl::Seconds(1);
    ASSERT_FALSE(Exceeds(second * 100, 0));
  }
  // However long it was silent.
  now_ += absl::Hours(24);
  EXPECT_FALSE(Exceeds(360000, 0));
  EXPECT_TRUE(Exceeds(361001, 0));
}

TEST_F(ByteAccountTest, ManyLooksLetGoOfNoMoreThanOne) {
  EXPECT_FALSE(Exceeds(1000, 0));
  for (int look = 0; look < 1000; ++look) {
    now_ += absl::Milliseconds(1);
    ASSERT_FALSE(Exceeds(1000, 0));
  }
  EXPECT_FALSE(Exceeds(1100, 0));
  EXPECT_TRUE(Exceeds(1101, 0));
}

TEST_F(ByteAccountTest, AnAddressWhoseSumBeganAnewIsStillHeldToItsCalls) {
  ByteAccount reused(now_, 5000);
  EXPECT_FALSE(reused.Exceeds(1000, 5000, now_, kLimits));
  EXPECT_FALSE(reused.Exceeds(1500, 600, now_, kLimits));
  EXPECT_TRUE(reused.Exceeds(2000, 600, now_, kLimits));
}

TEST_F(ByteAccountTest, AClockThatWasSetBackLetsNothingGo) {
  EXPECT_FALSE(Exceeds(1000, 0));
  now_ -= absl::Hours(1);
  EXPECT_TRUE(Exceeds(1001, 0));
}

TEST_F(ByteAccountTest, AHostOwesWhatItsEndedConnectionsSentTooMuch) {
  ByteDebt debt(now_);
  for (int i = 0; i < 1000; ++i) debt.Add(50, now_, kLimits);
  EXPECT_EQ(debt.Owed(now_, kLimits), 0u);
  for (int i = 0; i < 10; ++i) debt.Add(150, now_, kLimits);
  EXPECT_EQ(debt.Owed(now_, kLimits), 1000u);
  now_ += absl::Seconds(3);
  EXPECT_EQ(debt.Owed(now_, kLimits), 700u);
  debt.Add(250, now_, kLimits);
  EXPECT_EQ(debt.Owed(now_, kLimits), 900u);
  EXPECT_EQ(debt.Owed(now_ + absl::Hours(1), kLimits), 0u);
  EXPECT_EQ(debt.Owed(now_ - absl::Hours(1), kLimits), 900u);
}

}  // namespace
}  // namespace comity
