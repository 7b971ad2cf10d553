#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/node_config.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

// Nigeria's node takes nine connections, from any number of which hosts; two
// partners, whose nodes do not run, call it by hand.
class FullListenerTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ChangeConfig(ng_, [](NodeConfig& config) {
      config.max_connections = kPlaces;
      config.max_connections_per_host = 100;
    }));
    ASSERT_OK(ng_.Start(clock_));
    ASSERT_OK(ng_.Pair(ne_));
    ASSERT_OK(ng_.Pair(tg_));
    // gRPC reads changed anchors once a second; a restart reads them now.
    ng_.Stop();
    ASSERT_OK(ng_.Start(clock_));
  }

  absl::Status Shake(HandmadePartner& partner) const {
    HandshakeFacts facts;
    facts.now = clock_.Now();
    return partner.peer().Handshake(facts, absl::Seconds(5)).status();
  }

  static constexpr int kPlaces = 9;
  FakeClock clock_{absl::Now()};
  TestParticipant ng_{"NG", clock_.Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant tg_{"TG", clock_.Now()};
};

TEST_F(FullListenerTest, Law12APartnerThatHoldsAllPlacesKeepsNobodyOut) {
  std::vector<std::unique_ptr<HandmadePartner>> connections;
  for (int i = 0; i < kPlaces; ++i) {
    connections.push_back(std::make_unique<HandmadePartner>(
        ne_, ng_, clock_, "handmade-" + std::to_string(i)));
    ASSERT_OK(Shake(*connections.back())) << i;
  }
  HandmadePartner togo(tg_, ng_, clock_);
  EXPECT_OK(Shake(togo));
}

}  // namespace
}  // namespace comity
