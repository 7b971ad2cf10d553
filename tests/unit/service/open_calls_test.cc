#include "node/service/open_calls.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

class OpenCallsTest : public testing::Test {
 protected:
  OpenCalls::Handle Open(absl::Duration wanted) {
    return calls_.Open(wanted, [this](const absl::Status& status) {
      told_.push_back(status);
    });
  }
  void Advance(absl::Duration duration) {
    clock_.Advance(duration);
    calls_.TellExpired();
  }

  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  OpenCalls calls_{clock_, absl::Seconds(10)};
  std::vector<absl::Status> told_;
};

TEST_F(OpenCallsTest, AFinishedCallIsToldOnceAfterItsResponseIsThere) {
  const auto call = Open(absl::Seconds(5));
  bool filled = false;
  calls_.Close(call, absl::OkStatus(), [&] {
    filled = true;
    EXPECT_THAT(told_, testing::IsEmpty());
  });
  EXPECT_TRUE(filled);
  Advance(absl::Hours(1));
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_OK(told_[0]);
}

// Law 12: the client's deadline counts up to the node's own.
TEST_F(OpenCallsTest, Law12NoCallWaitsLongerThanTheNodeAllows) {
  const auto day = Open(absl::Hours(24));
  const auto second = Open(absl::Seconds(1));
  Advance(absl::Milliseconds(999));
  EXPECT_THAT(told_, testing::IsEmpty());
  Advance(absl::Milliseconds(1));
  EXPECT_EQ(told_.size(), 1u);
  Advance(absl::Milliseconds(8999));
  EXPECT_EQ(told_.size(), 1u);
  Advance(absl::Milliseconds(1));
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_THAT(told_[1], FailsWith(ErrorReason::kDeadlineExceeded));
}

// Its client is asked as long as there is one.
TEST_F(OpenCallsTest, NobodyWaitsForWhatWasHungUpOrTold) {
  bool hung_up = false;
  const auto call = calls_.Open(
      absl::Seconds(5), [](const absl::Status&) {},
      [&hung_up] { return hung_up; });
  EXPECT_TRUE(OpenCalls::IsAwaited(call));
  hung_up = true;
  EXPECT_FALSE(OpenCalls::IsAwaited(call));
  hung_up = false;
  Advance(absl::Seconds(5));
  EXPECT_FALSE(OpenCalls::IsAwaited(call));
  calls_.Close(call, absl::OkStatus(), nullptr);
  EXPECT_FALSE(OpenCalls::IsAwaited(call));
}

TEST_F(OpenCallsTest, WhatComesAfterTheDeadlineTouchesNoResponse) {
  const auto call = Open(absl::Seconds(1));
  Advance(absl::Seconds(1));
  calls_.Close(call, absl::OkStatus(), [] { FAIL() << "nobody waits"; });
  EXPECT_EQ(told_.size(), 1u);
  calls_.AwaitNone();
}

TEST_F(OpenCallsTest, AnErrorFillsNothing) {
  calls_.Close(Open(absl::Seconds(1)),
               ReasonError(ErrorReason::kEvidenceInvalid, "x"),
               [] { FAIL() << "an error has no response"; });
  EXPECT_THAT(told_.at(0), FailsWith(ErrorReason::kEvidenceInvalid));
}

}  // namespace
}  // namespace comity
