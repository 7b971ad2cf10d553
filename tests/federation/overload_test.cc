#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/wire/event_wire.h"
#include "tests/support/faulty_opener.h"
#include "tests/support/node_config.h"
#include "tests/support/rejected_calls_in.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

constexpr absl::Duration kLong = absl::Seconds(60);

// Niger's node runs for real, over a disk that hangs on demand. Nigeria calls
// it ten times as much as it may, as two clients with its certificate; Togo as
// ever.
class OverloadTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ne_.Pair(ng_));
    ASSERT_OK(ne_.Pair(tg_));
    ASSERT_OK(ne_.Activate({"agreements/ng-ne-bilateral.textproto",
                            "national/ne.textproto", "local/ne.textproto"}));
    nigeria_ = std::make_unique<HandmadePartner>(ng_, ne_, clock_);
    again_ = std::make_unique<HandmadePartner>(ng_, ne_, clock_, "again");
    togo_ = std::make_unique<HandmadePartner>(tg_, ne_, clock_);
  }

  void Configure(const std::function<void(NodeConfig&)>& change) {
    ne_.Stop();
    ASSERT_OK(ChangeConfig(ne_, change));
    ASSERT_OK(ne_.Start(clock_, FaultyOpener(store_)));
  }

  absl::Status Shake(HandmadePartner& partner) {
    return partner.peer()
        .Handshake({1, clock_.Now()}, absl::Seconds(30))
        .status();
  }
  absl::Status Ask(HandmadePartner& partner) {
    const Message question = partner.Ask(
        partner.QuestionAbout(std::string(16, 'x')), NewUuid(random_));
    return partner.peer().AskCase(question, kLong).status();
  }
  // Eight events of Nigeria's, proved; what stands in them nobody understands.
  std::vector<Message> EightEvents() {
    std::vector<Message> events;
    for (int i = 0; i < 8; ++i) {
      events.push_back(nigeria_->Send(MessageKind::kEvent, NewUuid(random_),
                                      kEventType, "an event"));
    }
    return events;
  }

  // Asks until `done`, for 20 seconds at most.
  static bool Await(const std::function<bool()>& done) {
    const absl::Time limit = absl::Now() + absl::Seconds(20);
    while (!done()) {
      if (absl::Now() > limit) return false;
    }
    return true;
  }

  uint64_t SizeOf(const std::string& log) {
    return store_->ReadLogHead(log)->size;
  }
  std::vector<std::string> Rejected() {
    return RejectedCallsIn(*store_, "comity/NE");
  }

  FakeClock clock_{absl::Now()};
  SystemRandom random_;
  FaultInjectingStore* store_ = nullptr;  // Niger's
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_{"NG", clock_.Now()};
  TestParticipant tg_{"TG", clock_.Now()};
  std::unique_ptr<HandmadePartner> nigeria_;
  std::unique_ptr<HandmadePartner> again_;
  std::unique_ptr<HandmadePartner> togo_;
};

// What came of many calls.
struct Outcomes {
  std::atomic<int> answered = 0;
  std::atomic<int> overloaded = 0;
  std::atomic<int> other = 0;

  void Count(const absl::Status& status) {
    if (status.ok()) {
      ++answered;
    } else if (ReasonOf(status) == ErrorReason::kOverloaded) {
      ++overloaded;
    } else {
      ++other;
    }
  }
};

TEST_F(OverloadTest, Law12WhatIsTooMuchIsRefusedByNameAndWritesNothing) {
  constexpr int kRate = 5;
  constexpr int kCalls = 10 * kRate * 5;  // of each client
  Configure([](NodeConfig& config) {
    config.max_calls_per_second_per_partner = kRate;
  });
  // What a node writes as it starts is written by then.
  EXPECT_OK(Shake(*togo_));
  const uint64_t own = SizeOf("comity/NE");
  const uint64_t told = SizeOf("comity/NE/NG");
  Outcomes outcomes;
  const absl::Time start = absl::Now();
  std::vector<std::thread> clients;
  for (HandmadePartner* client : {nigeria_.get(), again_.get()}) {
    clients.emplace_back([&, client] {
      for (int i = 0; i < kCalls; ++i) outcomes.Count(Shake(*client));
    });
  }
  // The rate of another partner is its own.
  for (int i = 1; i < kRate; ++i) EXPECT_OK(Shake(*togo_));
  for (std::thread& client : clients) client.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  EXPECT_EQ(outcomes.other, 0);
  EXPECT_EQ(outcomes.answered + outcomes.overloaded, 2 * kCalls);
  EXPECT_LE(outcomes.answered, kRate + kRate * seconds + 1);
  EXPECT_EQ(SizeOf("comity/NE"), own);
  EXPECT_EQ(SizeOf("comity/NE/NG"), told);
  // All of them are one entry, of the minute.
  clock_.Advance(absl::Minutes(1));
  ne_.Tick();
  EXPECT_TRUE(Await([&] { return !Rejected().empty(); }));
  EXPECT_THAT(Rejected(),
              testing::ElementsAre(absl::StrCat("federation OVERLOADED ",
                                                outcomes.overloaded.load())));
}

TEST_F(OverloadTest, Law12ACallThatCostsAsMuchAsManyCountsAsMany) {
  Configure(
      [](NodeConfig& config) { config.max_calls_per_second_per_partner = 5; });
  EXPECT_OK(Shake(*nigeria_));
  CheckpointExchange exchange;
  for (uint64_t size = 1; size <= 1000; ++size) {
    exchange.unproved_sizes.push_back(size);
  }
  EXPECT_NE(ReasonOf(nigeria_->peer().Exchange(exchange, kLong).status()),
            ErrorReason::kOverloaded);
  // 250 calls are fifty seconds of its rate, and nobody else's.
  EXPECT_THAT(Shake(*nigeria_), FailsWith(ErrorReason::kOverloaded));
  EXPECT_THAT(Shake(*again_), FailsWith(ErrorReason::kOverloaded));
  EXPECT_OK(Shake(*togo_));
}

// Forty calls are within the rate; 320 commits are not.
TEST_F(OverloadTest, Law12EachEventOfADeliveryCountsAsACall) {
  constexpr int kRate = 40;
  Configure([](NodeConfig& config) {
    config.max_calls_per_second_per_partner = kRate;
  });
  std::vector<std::vector<Message>> deliveries;
  for (int i = 0; i < kRate; ++i) deliveries.push_back(EightEvents());
  Outcomes outcomes;
  for (const std::vector<Message>& events : deliveries) {
    outcomes.Count(nigeria_->peer().Deliver(events, kLong).status());
  }
  EXPECT_GT(outcomes.answered, 0);
  EXPECT_GT(outcomes.overloaded, 0);
}

TEST_F(OverloadTest, Law12WhoFillsItsPlacesLeavesThoseOfOthers) {
  // Nigeria may have as many as there are, but for four that are Togo's.
  constexpr int kPlaces = 8;
  Configure([](NodeConfig& config) {
    config.max_in_flight_per_partner = kPlaces + 4;
    config.max_in_flight = kPlaces + 4;
    config.max_calls_per_second_per_partner = 1000000;
  });
  std::vector<std::vector<Message>> deliveries;
  for (int i = 0; i < kPlaces; ++i) deliveries.push_back(EightEvents());
  store_->HoldCommits(true);
  std::vector<std::future<absl::StatusOr<std::vector<Message>>>> delivered;
  for (const std::vector<Message>& events : deliveries) {
    delivered.push_back(std::async(std::launch::async, [this, &events] {
      absl::StatusOr<std::vector<Message>> receipts;
      // One that looks whether all places are taken takes one for a moment.
      do {
        receipts = nigeria_->peer().Deliver(events, kLong);
      } while (ReasonOf(receipts.status()) == ErrorReason::kOverloaded);
      return receipts;
    }));
  }
  EXPECT_TRUE(Await(
      [&] { return ReasonOf(Shake(*again_)) == ErrorReason::kOverloaded; }));
  // Ten times as many again: each is told so, and none waits.
  Outcomes outcomes;
  for (int i = 0; i < 10 * kPlaces; ++i) outcomes.Count(Shake(*again_));
  EXPECT_EQ(outcomes.overloaded, 10 * kPlaces);
  // Others wait for the disk alone.
  EXPECT_OK(Shake(*togo_));
  auto togo = std::async(std::launch::async, [&] { return Ask(*togo_); });
  store_->HoldCommits(false);
  EXPECT_OK(togo.get());
  for (auto& each : delivered) {
    const auto receipts = each.get();
    ASSERT_OK(receipts);
    EXPECT_EQ(receipts->size(), 8u);
  }
  EXPECT_TRUE(Await([&] { return Shake(*again_).ok(); }));
}

}  // namespace
}  // namespace comity
