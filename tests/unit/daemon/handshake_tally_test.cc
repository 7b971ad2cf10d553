#include "node/daemon/handshake_tally.h"

#include "gtest/gtest.h"

namespace comity {
namespace {

class HandshakeTallyTest : public testing::Test {
 protected:
  // One second passes.
  uint64_t Tick(uint64_t accepted) {
    now_ += absl::Seconds(1);
    return tally_.TakeFailed(accepted, now_);
  }

  absl::Time now_ = absl::FromUnixSeconds(1790000000);
  HandshakeTally tally_;
};

TEST_F(HandshakeTallyTest, WhatIsJudgedInTimeHasNotFailed) {
  EXPECT_EQ(Tick(1), 0u);
  tally_.Judged();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Tick(1), 0u);
}

TEST_F(HandshakeTallyTest, WhatIsNeverJudgedFailsOnce) {
  uint64_t failed = 0;
  EXPECT_EQ(Tick(3), 0u);
  tally_.Judged();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Tick(3), 0u);
  for (int i = 0; i < 10; ++i) failed += Tick(3);
  EXPECT_EQ(failed, 2u);
}

TEST_F(HandshakeTallyTest, ABusyListenerIsNeverBlamedForGoodConnections) {
  uint64_t failed = 0;
  uint64_t accepted = 0;
  for (int i = 0; i < 100; ++i) {
    accepted += 2;
    failed += Tick(accepted);
    EXPECT_LE(failed, static_cast<uint64_t>(i + 1));
    tally_.Judged();  // the other one fails
  }
  for (int i = 0; i < 10; ++i) failed += Tick(accepted);
  EXPECT_EQ(failed, 100u);
}

}  // namespace
}  // namespace comity
