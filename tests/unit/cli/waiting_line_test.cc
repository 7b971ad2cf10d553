#include "node/cli/waiting_line.h"

#include <vector>

#include "absl/strings/str_cat.h"
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

TEST(WaitingLineTest, EachTickSaysHowManyHaveAnsweredIfItIsKnown) {
  std::vector<std::string> shown;
  absl::Notification thrice;
  int asked = 0;
  {
    const WaitingLine line(
        "asking NE, NG", absl::Milliseconds(1),
        [&](const std::string& text) {
          shown.push_back(text);
          if (shown.size() == 3) thrice.Notify();
        },
        [&]() -> std::string {
          ++asked;
          return asked == 1 ? "" : absl::StrCat(asked - 1, " of 2 answered");
        });
    thrice.WaitForNotification();
  }
  ASSERT_GE(shown.size(), 4u);
  EXPECT_EQ(shown[0], "asking NE, NG: 0 s");
  EXPECT_EQ(shown[1], "asking NE, NG: 1 of 2 answered, 0 s");
  EXPECT_EQ(shown[2], "asking NE, NG: 2 of 2 answered, 0 s");
  EXPECT_EQ(shown.back(), "");
}

// Where no line is shown nobody is asked how many have answered.
TEST(WaitingLineTest, WhereNothingIsShownNothingIsAsked) {
  bool asked = false;
  const auto so_far = [&]() -> std::string {
    asked = true;
    return "1 of 2 answered";
  };
  {
    const WaitingLine quiet("asking NE", /*quiet=*/true, so_far);
    const WaitingLine nowhere("asking NE", absl::ZeroDuration(), nullptr,
                              so_far);
  }
  EXPECT_FALSE(asked);
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
