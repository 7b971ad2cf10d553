#include "node/base/fair_queue.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class FairQueueTest : public testing::Test {
 protected:
  std::vector<std::string> Take(size_t most, size_t share) {
    return queue_.Take(most, [&](const std::string&) { return share; });
  }

  FairQueue<std::string> queue_;
};

TEST_F(FairQueueTest, WhatIsFewComesOutInTheOrderInWhichItCame) {
  queue_.Push("NG", "1");
  queue_.Push("", "2");
  queue_.Push("NG", "3");
  queue_.Push("BJ", "4");
  EXPECT_THAT(Take(10, 10), ElementsAre("1", "2", "3", "4"));
  EXPECT_TRUE(queue_.empty());
  EXPECT_THAT(Take(10, 10), IsEmpty());
}

// Law 12.
TEST_F(FairQueueTest, Law12NobodyWaitsForAllThatAnotherOneBrought) {
  for (int i = 0; i < 100; ++i) queue_.Push("NG", "n");
  queue_.Push("TG", "t");
  EXPECT_THAT(Take(256, 3), ElementsAre("n", "n", "n", "t"));
  EXPECT_THAT(Take(256, 1000), SizeIs(97));
  EXPECT_TRUE(queue_.empty());
}

TEST_F(FairQueueTest, ManyLanesShareWhatIsTakenAtMost) {
  for (int i = 0; i < 10; ++i) queue_.Push("BJ", "b");
  for (int i = 0; i < 10; ++i) queue_.Push("NG", "n");
  queue_.Push("TG", "t");
  EXPECT_THAT(Take(5, 10), ElementsAre("b", "b", "n", "n", "t"));
}

TEST_F(FairQueueTest, EachLaneHasAShareOfItsOwn) {
  for (int i = 0; i < 10; ++i) queue_.Push("", "o");
  for (int i = 0; i < 10; ++i) queue_.Push("NG", "n");
  const auto share = [](const std::string& lane) -> size_t {
    return lane.empty() ? 5 : 2;
  };
  EXPECT_THAT(queue_.Take(100, share),
              ElementsAre("o", "o", "o", "o", "o", "n", "n"));
  EXPECT_EQ(queue_.WaitingIn(""), 5u);
  EXPECT_EQ(queue_.WaitingIn("NG"), 8u);
}

TEST_F(FairQueueTest, WhatWaitsIsCountedByLane) {
  EXPECT_EQ(queue_.WaitingIn("NG"), 0u);
  queue_.Push("NG", "1");
  queue_.Push("NG", "2");
  queue_.Push("TG", "3");
  EXPECT_EQ(queue_.WaitingIn("NG"), 2u);
  EXPECT_EQ(queue_.WaitingIn("TG"), 1u);
  EXPECT_THAT(Take(1, 1), ElementsAre("1"));
  EXPECT_EQ(queue_.WaitingIn("NG"), 1u);
  EXPECT_THAT(Take(10, 10), ElementsAre("2", "3"));
  EXPECT_EQ(queue_.WaitingIn("NG"), 0u);
  EXPECT_TRUE(queue_.empty());
}

}  // namespace
}  // namespace comity
