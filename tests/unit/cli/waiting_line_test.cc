#include "node/cli/waiting_line.h"

#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace comity {
namespace {

TEST(WaitingLineTest, EachTickSaysWhatIsWaitedForAndTheEndClearsIt) {
  std::vector<std::string> shown;
  absl::Notification twice;
  {
    const WaitingLine line("asking NE, NG", absl::Milliseconds(1),
                           [&](const std::string& text) {
                             shown.push_back(text);
                             if (shown.size() == 2) twice.Notify();
                           });
    twice.WaitForNotification();
  }
  ASSERT_GE(shown.size(), 3u);
  EXPECT_THAT(shown[0], testing::StartsWith("asking NE, NG: "));
  EXPECT_THAT(shown[1], testing::StartsWith("asking NE, NG: "));
  EXPECT_EQ(shown.back(), "");
}

TEST(WaitingLineTest, ACallThatEndsAtOnceShowsNothing) {
  std::vector<std::string> shown;
  {
    const WaitingLine line("asking NE", absl::Hours(1),
                           [&](const auto& text) { shown.push_back(text); });
  }
  EXPECT_TRUE(shown.empty());
}

}  // namespace
}  // namespace comity
