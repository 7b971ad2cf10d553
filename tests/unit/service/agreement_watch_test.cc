#include "node/service/agreement_watch.h"

#include <thread>

#include "tests/support/self_made_card.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// Counts who is looked for; nobody is reached, and one may be silent.
class CountedPeers : public Peers {
 public:
  absl::StatusOr<std::shared_ptr<Peer>> Find(
      const ParticipantCode& code) override {
    absl::MutexLock lock(&mutex_);
    ++calls_[code.text()];
    while (silent_ == code.text()) changed_.Wait(&mutex_);
    return ReasonError(ErrorReason::kPeerUnreachable, "away");
  }
  // "" for none.
  void Silence(const std::string& code) {
    absl::MutexLock lock(&mutex_);
    silent_ = code;
    changed_.SignalAll();
  }
  int calls(const std::string& code) const {
    absl::MutexLock lock(&mutex_);
    const auto found = calls_.find(code);
    return found == calls_.end() ? 0 : found->second;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  std::map<std::string, int> calls_ ABSL_GUARDED_BY(mutex_);
  std::string silent_ ABSL_GUARDED_BY(mutex_);
};

// Niger's node, whose partners are Nigeria and Togo.
class AgreementWatchTest : public testing::Test {
 protected:
  AgreementWatchTest() { KnowBoth({}); }
  ~AgreementWatchTest() override { peers_.Silence(""); }

  ParticipantCard Card(const char* code) {
    return SelfMadeCard(
        *ParticipantCode::Create(code),
        SigningKey::Generate(KeyAlgorithm::kEd25519).public_key(),
        parts_.clock.Now(), parts_.random);
  }
  void KnowBoth(std::set<ParticipantCode> suspended) {
    parts_.partners.Set(std::make_shared<PartnerTable>(
        std::vector<ParticipantCard>{Card("NG"), Card("TG")},
        std::move(suspended)));
  }
  // Ticks until a partner was called so often.
  bool Reaches(const std::string& code, int calls) {
    const absl::Time limit = absl::Now() + absl::Seconds(10);
    while (peers_.calls(code) < calls) {
      if (absl::Now() > limit) return false;
      watch_.Tick();
      std::this_thread::yield();
    }
    return peers_.calls(code) == calls;
  }
  void TickOften() {
    for (int i = 0; i < 1000; ++i) {
      watch_.Tick();
      std::this_thread::yield();
    }
  }
  // Enough for the next hour to begin.
  void PassAnHour() { parts_.clock.Advance(absl::Hours(1)); }

  ServiceParts parts_;
  CountedPeers peers_;
  NodeContext node_{parts_.self,
                    parts_.config,
                    parts_.store,
                    parts_.writer,
                    parts_.signer,
                    parts_.policy,
                    parts_.partners,
                    parts_.national,
                    peers_,
                    parts_.checkpoints,
                    parts_.clock,
                    parts_.random,
                    parts_.rejected,
                    parts_.open_calls,
                    parts_.connections,
                    "",
                    "",
                    nullptr,
                    SecretBytes("")};
  AgreementWatch watch_{node_};
};

TEST_F(AgreementWatchTest, EachIsCalledAtTheStartAndOnceAnHour) {
  EXPECT_TRUE(Reaches("NG", 1));
  EXPECT_TRUE(Reaches("TG", 1));
  PassAnHour();
  EXPECT_TRUE(Reaches("NG", 2));
  EXPECT_TRUE(Reaches("TG", 2));
}

TEST_F(AgreementWatchTest, WhatIsInForceIsToldAtOnceAndAtItsSwitch) {
  ASSERT_TRUE(Reaches("NG", 1));
  const absl::Time at = parts_.clock.Now() + absl::Seconds(30);
  parts_.policy.Set(
      {{absl::InfinitePast(), std::make_shared<PolicyEngine>(PolicySet(), 1)},
       {at, std::make_shared<PolicyEngine>(PolicySet(), 2)}},
      {});
  EXPECT_TRUE(Reaches("NG", 2));
  parts_.clock.Advance(absl::Seconds(30));
  EXPECT_TRUE(Reaches("NG", 3));
}

TEST_F(AgreementWatchTest, OneThatFailedIsCalledAgainLaterAndLater) {
  ASSERT_TRUE(Reaches("NG", 1));
  TickOften();
  EXPECT_EQ(peers_.calls("NG"), 1);
  int calls = 1;
  for (const int pause : {2, 4, 8, 16, 32, 60, 60}) {
    parts_.clock.Advance(absl::Seconds(pause) - absl::Milliseconds(1));
    TickOften();
    EXPECT_EQ(peers_.calls("NG"), calls) << pause;
    parts_.clock.Advance(absl::Milliseconds(1));
    EXPECT_TRUE(Reaches("NG", ++calls)) << pause;
  }
}

TEST_F(AgreementWatchTest, Law12ASilentPartnerDelaysNobody) {
  peers_.Silence("NG");
  EXPECT_TRUE(Reaches("NG", 1));
  EXPECT_TRUE(Reaches("TG", 1));
  PassAnHour();
  EXPECT_TRUE(Reaches("TG", 2));
  // It has one call at most.
  EXPECT_EQ(peers_.calls("NG"), 1);
}

TEST_F(AgreementWatchTest, Law12WithoutAThreadToBeHadPartnersAreCalledLater) {
  bool threads = false;
  {
    AgreementWatch watch(node_, [&threads](AgreementWatch::Call call) {
      return std::async(threads ? std::launch::async : std::launch::deferred,
                        std::move(call));
    });
    watch.Tick();
    parts_.clock.Advance(absl::Seconds(1));
    threads = true;
    watch.Tick();
    EXPECT_EQ(peers_.calls("NG") + peers_.calls("TG"), 0);
    parts_.clock.Advance(absl::Seconds(1));
    watch.Tick();
    // Its end waits for those that run.
  }
  EXPECT_EQ(peers_.calls("NG"), 1);
  EXPECT_EQ(peers_.calls("TG"), 1);
}

TEST_F(AgreementWatchTest, NobodyCallsOneThatIsSuspendedOrCollects) {
  ParticipantCard collects = Card("TG");
  collects.endpoints.clear();
  parts_.partners.Set(std::make_shared<PartnerTable>(
      std::vector<ParticipantCard>{Card("NG"), collects},
      std::set<ParticipantCode>{*ParticipantCode::Create("NG")}));
  TickOften();
  EXPECT_EQ(peers_.calls("NG") + peers_.calls("TG"), 0);
  // Resumed, and with an address.
  KnowBoth({});
  EXPECT_TRUE(Reaches("NG", 1));
  EXPECT_TRUE(Reaches("TG", 1));
}

}  // namespace
}  // namespace comity
