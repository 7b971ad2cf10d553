#include "node/daemon/connection_places.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace comity {
namespace {

using testing::Optional;

class ConnectionPlacesTest : public testing::Test {
 protected:
  static constexpr size_t kKept = 8;

  // The first of them is the oldest; all had time enough for a call.
  void Hold(const std::string& caller, int count) {
    for (int i = 0; i < count; ++i) {
      const size_t number = places_.size();
      places_.push_back({caller + "/" + std::to_string(i), caller,
                         now_ - absl::Minutes(10) +
                             absl::Milliseconds(static_cast<int64_t>(number))});
    }
  }
  std::optional<std::string> GivesWay() const {
    return WhoGivesWay(places_, kKept, now_);
  }

  const absl::Time now_ = absl::FromUnixSeconds(1790000000);
  std::vector<HeldPlace> places_;
};

// From however many hosts it calls.
TEST_F(ConnectionPlacesTest, Law12WhoeverHoldsMostGivesWay) {
  Hold("NG", 8);
  Hold("NE", 496);
  Hold("TG", 8);
  EXPECT_THAT(GivesWay(), Optional(testing::StrEq("NE/0")));
}

TEST_F(ConnectionPlacesTest, NobodyLosesWhatTheProtocolAllows) {
  Hold("NE", 8);
  Hold("NG", 8);
  EXPECT_EQ(GivesWay(), std::nullopt);
  Hold("TG", 9);
  EXPECT_THAT(GivesWay(), Optional(testing::StrEq("TG/0")));
}

// Whose they are is known with the first call alone.
TEST_F(ConnectionPlacesTest, Law12WhoeverCallsNothingGivesWayFirst) {
  Hold("NE", 100);
  places_.push_back({"new", "", now_ - absl::Seconds(2)});
  places_.push_back({"silent", "", now_ - absl::Seconds(4)});
  places_.push_back({"longer", "", now_ - kTimeForACall - absl::Hours(1)});
  EXPECT_THAT(GivesWay(), Optional(testing::StrEq("longer")));
}

TEST_F(ConnectionPlacesTest, ANewConnectionHasTimeForItsCall) {
  places_.push_back({"new", "", now_ - absl::Seconds(2)});
  EXPECT_EQ(GivesWay(), std::nullopt);
}

}  // namespace
}  // namespace comity
