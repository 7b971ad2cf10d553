#include "node/service/fan_outs.h"

#include <optional>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace comity {
namespace {

constexpr char kAnalyst[] = "ECOWAS/analyst";
constexpr char kRequest[] = "0b2f6c1e-0000-4000-8000-000000000001";

TEST(FanOutsTest, WhoWaitsReadsHowManyHaveAnswered) {
  FanOuts all;
  FanOuts::Running running(all, kAnalyst, kRequest, 16);
  EXPECT_EQ(all.Of(kAnalyst, kRequest).asked, 16u);
  EXPECT_EQ(all.Of(kAnalyst, kRequest).answered, 0u);
  running.Came(true);
  running.Came(true);
  running.Came(false);
  const FanOuts::Progress progress = all.Of(kAnalyst, kRequest);
  EXPECT_EQ(progress.asked, 16u);
  EXPECT_EQ(progress.answered, 2u);
  EXPECT_EQ(progress.without_answer, 1u);
}

TEST(FanOutsTest, NobodyReadsAnotherPersonsCall) {
  FanOuts all;
  const FanOuts::Running running(all, kAnalyst, kRequest, 16);
  EXPECT_EQ(all.Of("ECOWAS/other", kRequest).asked, 0u);
  EXPECT_EQ(all.Of(kAnalyst, "0b2f6c1e-0000-4000-8000-000000000002").asked, 0u);
}

TEST(FanOutsTest, ACallThatEndedIsForgotten) {
  FanOuts all;
  {
    const FanOuts::Running running(all, kAnalyst, kRequest, 2);
    // The same request, sent twice at once: the end of one is not the other's.
    std::optional<FanOuts::Running> again;
    again.emplace(all, kAnalyst, kRequest, 2);
    again.reset();
    EXPECT_EQ(all.Of(kAnalyst, kRequest).asked, 2u);
  }
  EXPECT_EQ(all.Of(kAnalyst, kRequest).asked, 0u);
}

TEST(FanOutsTest, MembersAnswerAtOnce) {
  constexpr uint32_t kMembers = 32;
  FanOuts all;
  FanOuts::Running running(all, kAnalyst, kRequest, kMembers);
  std::vector<std::thread> members;
  for (uint32_t i = 0; i < kMembers; ++i) {
    members.emplace_back([&running, i] { running.Came(i % 2 == 0); });
  }
  for (std::thread& member : members) member.join();
  EXPECT_EQ(all.Of(kAnalyst, kRequest).answered, kMembers / 2);
  EXPECT_EQ(all.Of(kAnalyst, kRequest).without_answer, kMembers / 2);
}

}  // namespace
}  // namespace comity
