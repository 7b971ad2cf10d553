#include "node/delivery/courier.h"
#include "node/store/open_store.h"
#include "tests/support/in_process_partner.h"
#include "tests/support/scripted_departures.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// Notes what it is told of certificates, and says what it holds.
class HearingPartner : public InProcessPartner {
 public:
  using InProcessPartner::InProcessPartner;

  absl::StatusOr<CheckpointExchange> Exchange(const CheckpointExchange& theirs,
                                              absl::Duration) override {
    heard.push_back(theirs.news);
    request_bytes = FormatExchangeRequest(theirs).ByteSizeLong();
    CheckpointExchange answer;
    answer.news = news;
    return answer;
  }

  std::vector<TrustNews> heard;
  size_t request_bytes = 0;
  TrustNews news;
};

class OnePartner : public Peers {
 public:
  explicit OnePartner(std::shared_ptr<Peer> peer) : peer_(std::move(peer)) {}
  absl::StatusOr<std::shared_ptr<Peer>> Find(const ParticipantCode&) override {
    return peer_;
  }

 private:
  std::shared_ptr<Peer> peer_;
};

// Niger's courier tells Nigeria what is new of Niger's certificates.
class ToldNewsTest : public testing::Test {
 protected:
  ToldNewsTest() {
    partners_.Set(std::make_shared<PartnerTable>(
        std::vector<ParticipantCard>{ng_->Card()}));
    ng_->news.held_card = 1;
  }

  void Own(uint64_t sequence) {
    ASSERT_OK(writer_.Commit([&](CommitScope& scope) {
      return PutOwnTrust(scope.store(),
                         {"card", 1, std::string(8 << 10, 'l'), sequence});
    }));
  }
  void Round() {
    ASSERT_OK(courier_.Round(absl::Seconds(1)));
    // What the round queued is done then.
    ASSERT_OK(writer_.Commit([](CommitScope&) { return absl::OkStatus(); }));
  }

  const ParticipantCode ne_ = *ParticipantCode::Create("NE");
  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  TestDirectory directory_;
  std::unique_ptr<Store> store_ = *OpenStore(
      directory_.Path("s.db"), SecretBytes(std::string(32, 'k')), random_);
  LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  CommitWriter writer_{*store_, signer_, clock_};
  CheckpointCache checkpoints_;
  ScriptedDepartures departures_;
  PartnerTableHolder partners_;
  std::shared_ptr<HearingPartner> ng_ =
      std::make_shared<HearingPartner>("NG", clock_, random_);
  OnePartner peers_{ng_};
  std::vector<TrustNews> taken_;
  Courier courier_{{ne_, *store_, writer_, partners_, peers_, checkpoints_,
                    clock_, random_, departures_, false,
                    [this](const ParticipantCode&, const TrustNews& news) {
                      taken_.push_back(news);
                    }},
                   ng_->code()};
};

TEST_F(ToldNewsTest, NewsAreToldAtOnceAndUntilThePartnerHoldsThem) {
  Round();
  EXPECT_EQ(ng_->heard.size(), 0u);
  Own(1);
  ng_->news.card = "its card";
  Round();
  ASSERT_EQ(ng_->heard.size(), 1u);
  EXPECT_EQ(ng_->heard[0].revocations.size(), size_t{8} << 10);
  EXPECT_EQ(ng_->heard[0].card, "");
  EXPECT_EQ(ng_->heard[0].held_card, 1u);
  EXPECT_LE(ng_->request_bytes, size_t{16} << 10);
  // What it told in its answer was taken.
  ASSERT_EQ(taken_.size(), 1u);
  EXPECT_EQ(taken_[0].card, "its card");
  ng_->news.held_revocations = 1;
  Round();
  EXPECT_EQ(ng_->heard.size(), 2u);
  Round();
  EXPECT_EQ(ng_->heard.size(), 2u);
}

TEST_F(ToldNewsTest, APartnerThatDoesNotTakeThemIsToldRarely) {
  Own(1);
  for (int i = 0; i < 10; ++i) Round();
  EXPECT_EQ(ng_->heard.size(), 4u);
  clock_.Advance(absl::Seconds(31));
  for (int i = 0; i < 10; ++i) Round();
  EXPECT_EQ(ng_->heard.size(), 5u);
}

}  // namespace
}  // namespace comity
