#include "node/peer/lanes.h"

#include <optional>
#include <thread>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using IntLanes = Lanes<int>;

class LanesTest : public testing::Test {
 protected:
  // A place that is there now, or not at all.
  absl::StatusOr<IntLanes::Place> Enter(size_t bytes) {
    return lanes_.Enter(bytes, absl::InfinitePast());
  }
  static constexpr size_t kFull =
      IntLanes::kMostUnanswered - IntLanes::kOverhead;

  IntLanes lanes_{[](size_t lane) {
    return std::make_unique<int>(static_cast<int>(lane));
  }};
};

TEST_F(LanesTest, RequestsShareAConnectionUpToItsLimit) {
  const auto first = Enter(kFull / 2);
  const auto second = Enter(kFull / 2 - IntLanes::kOverhead);
  const auto third = Enter(1);
  ASSERT_OK(first);
  ASSERT_OK(second);
  ASSERT_OK(third);
  EXPECT_EQ(**first, 0);
  EXPECT_EQ(**second, 0);
  EXPECT_EQ(**third, 1);
}

TEST_F(LanesTest, APlaceThatIsGivenBackIsUsedAgain) {
  for (int i = 0; i < 100; ++i) {
    const auto place = Enter(kFull);
    ASSERT_OK(place);
    ASSERT_EQ(**place, 0);
  }
}

TEST_F(LanesTest, EightConnectionsAreTheMost) {
  std::vector<IntLanes::Place> places;
  for (size_t i = 0; i < IntLanes::kMostLanes; ++i) {
    auto place = Enter(kFull);
    ASSERT_OK(place);
    EXPECT_EQ(**place, static_cast<int>(i));
    places.push_back(*std::move(place));
  }
  EXPECT_THAT(Enter(1), FailsWith(ErrorReason::kOverloaded));
  std::thread other([&] { places.pop_back(); });
  EXPECT_OK(lanes_.Enter(1, absl::InfiniteFuture()));
  other.join();
}

TEST_F(LanesTest, WhatIsTooLargeForAnyGoesAlone) {
  const auto large = Enter(10 * kFull);
  ASSERT_OK(large);
  EXPECT_EQ(**large, 0);
  const auto small = Enter(1);
  ASSERT_OK(small);
  EXPECT_EQ(**small, 1);
}

}  // namespace
}  // namespace comity
