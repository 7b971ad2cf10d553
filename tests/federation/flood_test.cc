#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "node/base/error_reason.h"
#include "tests/support/node_config.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;

class FloodTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ng_.Start(clock_));
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ng_.Pair(ne_));
    ASSERT_OK(ne_.Pair(ng_));
  }

  CommandContext& Admin() { return ng_.As("ORG", Role::kAdmin, "admin-1"); }
  absl::Status Suspend() {
    ops::SuspendPartnerRequest request;
    request.set_request_id(Admin().NewRequestId());
    request.set_participant("NE");
    request.set_why("a drill");
    return Admin()
        .Call<ops::AdminService, ops::SuspendPartnerResponse>(
            &ops::AdminService::Stub::SuspendPartner, request)
        .status();
  }
  absl::Status Resume() {
    ops::ResumePartnerRequest request;
    request.set_request_id(Admin().NewRequestId());
    request.set_participant("NE");
    return Admin()
        .Call<ops::AdminService, ops::ResumePartnerResponse>(
            &ops::AdminService::Stub::ResumePartner, request)
        .status();
  }
  // As Niger's node calls.
  absl::Status Shake() {
    HandshakeFacts facts;
    facts.now = clock_.Now();
    return handmade_.peer().Handshake(facts, absl::Seconds(5)).status();
  }
  static bool Await(const std::function<bool()>& done) {
    const absl::Time limit = absl::Now() + absl::Seconds(20);
    while (!done()) {
      if (absl::Now() > limit) return false;
    }
    return true;
  }
  bool AwaitShake() {
    return Await([this] { return Shake().ok(); });
  }

  FakeClock clock_{absl::Now()};
  TestParticipant ng_{"NG", clock_.Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  HandmadePartner handmade_{ne_, ng_, clock_};
};

// Junk, but of calls: what the protocol allows is never taken for a flood.
TEST_F(FloodTest, AllThatTheProtocolAllowsIsNoFlood) {
  ASSERT_TRUE(AwaitShake());
  constexpr int kThreads = 32;
  constexpr int kCalls = 25;
  std::atomic<int> cut = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::vector<Message> events(8);
      for (Message& event : events) {
        event.type = "comity.federation.v1.ReferralEvent";
        event.payload = std::string(i % 2 == 0 ? 1700 : 10, 'x');
        event.salt = std::string(32, 's');
        event.proof = "no proof";
      }
      for (int call = 0; call < kCalls; ++call) {
        const auto receipts =
            handmade_.peer().Deliver(events, absl::Seconds(9));
        const ErrorReason reason = ReasonOf(receipts.status());
        if (receipts.ok() || reason == ErrorReason::kPeerUnreachable) ++cut;
        if (ReasonOf(Shake()) == ErrorReason::kPeerUnreachable) ++cut;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cut, 0);
}

TEST_F(FloodTest, ASuspendedPartnerIsNotServedUntilItIsResumed) {
  ASSERT_TRUE(AwaitShake());
  ASSERT_OK(Suspend());
  EXPECT_THAT(Shake(), FailsWith(ErrorReason::kPeerUnreachable));
  EXPECT_THAT(Suspend(), FailsWith(ErrorReason::kAlreadyExists));
  // What goes out still goes; the other node reads anchors within a second.
  ops::GetStatusRequest probe;
  probe.set_probe(true);
  const auto reached = [&] {
    const auto status = Admin().Call<ops::AdminService, ops::GetStatusResponse>(
        &ops::AdminService::Stub::GetStatus, probe);
    if (!status.ok() || status->partners_size() != 1) return false;
    EXPECT_EQ(status->partners(0).suspended_why(), "a drill");
    const auto& checks = status->partners(0).checks();
    return std::any_of(checks.begin(), checks.end(), [](const auto& each) {
      return each.subject() == "reachable" && each.ok();
    });
  };
  EXPECT_TRUE(Await(reached));
  // It outlasts a restart.
  ng_.Stop();
  ASSERT_OK(ng_.Start(clock_));
  EXPECT_FALSE(Shake().ok());
  ASSERT_OK(Resume());
  EXPECT_TRUE(AwaitShake());
  EXPECT_THAT(Resume(), FailsWith(ErrorReason::kNotFound));
}

TEST_F(FloodTest, CallsAboveTheRateAreRefused) {
  ng_.Stop();
  ASSERT_OK(ChangeConfig(ng_, [](NodeConfig& config) {
    config.max_calls_per_second_per_partner = 3;
  }));
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(AwaitShake());
  absl::Status refused;
  for (int i = 0; i < 100 && refused.ok(); ++i) refused = Shake();
  EXPECT_THAT(refused, FailsWith(ErrorReason::kOverloaded));
  // It passes.
  EXPECT_TRUE(AwaitShake());
}

}  // namespace
}  // namespace comity
