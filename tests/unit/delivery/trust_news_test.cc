#include "node/delivery/trust_news.h"

#include "node/store/open_store.h"
#include "tests/support/self_made_card.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

class TrustNewsTest : public testing::Test {
 protected:
  TrustNewsTest() {
    ParticipantCard card =
        SelfMadeCard(ne_, signer_.public_key(), clock_.Now(), random_);
    card.serial = 4;
    RevokedCertificates list;
    list.sequence = 7;
    table_ = PartnerTable({card}, {}, {{ne_, list}});
  }

  absl::Status Own(uint32_t serial, uint64_t sequence) {
    return writer_
        .Commit([&](CommitScope& scope) {
          return PutOwnTrust(scope.store(),
                             {"the card", serial, "the list", sequence});
        })
        .status();
  }
  // What Niger tells that it holds.
  void Hears(uint32_t card, uint64_t list) {
    TrustNews told;
    told.held_card = card;
    told.held_revocations = list;
    NoteHeldBy(*store_, writer_, ne_, told);
    ASSERT_OK(writer_.Commit([](CommitScope&) { return absl::OkStatus(); }));
  }
  bool Due() { return *IsNewsDue(*store_, ne_); }
  TrustNews Again() { return *NewsAgain(*store_, table_, ne_); }

  const ParticipantCode ne_ = *ParticipantCode::Create("NE");
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  SystemRandom random_;
  TestDirectory directory_;
  std::unique_ptr<Store> store_ = *OpenStore(
      directory_.Path("s.db"), SecretBytes(std::string(32, 'k')), random_);
  LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  CommitWriter writer_{*store_, signer_, clock_};
  PartnerTable table_;
};

TEST_F(TrustNewsTest, AFirstCardIsNoNews) {
  EXPECT_FALSE(Due());
  ASSERT_OK(Own(1, 0));
  EXPECT_FALSE(Due());
  EXPECT_EQ(Again().card, "");
  EXPECT_EQ(Again().held_card, 4u);
  EXPECT_EQ(Again().held_revocations, 7u);
}

TEST_F(TrustNewsTest, WhatIsNewIsDueUntilThePartnerSaysThatItHoldsIt) {
  ASSERT_OK(Own(1, 2));
  EXPECT_TRUE(Due());
  EXPECT_EQ(Again().revocations, "the list");
  EXPECT_EQ(Again().card, "");
  Hears(1, 1);
  EXPECT_TRUE(Due());
  Hears(1, 2);
  EXPECT_FALSE(Due());
  EXPECT_EQ(Again().revocations, "");
  ASSERT_OK(Own(2, 2));
  EXPECT_TRUE(Due());
  EXPECT_EQ(Again().card, "the card");
  EXPECT_EQ(Again().revocations, "");
  Hears(2, 2);
  EXPECT_FALSE(Due());
  // It was restored from an old backup.
  Hears(1, 0);
  EXPECT_TRUE(Due());
  EXPECT_EQ(Again().card, "the card");
  EXPECT_EQ(Again().revocations, "the list");
}

TEST_F(TrustNewsTest, WhoTellsNothingIsToldNothing) {
  ASSERT_OK(Own(2, 2));
  const TrustNews news = *NewsFor(*store_, table_, ne_, TrustNews());
  EXPECT_EQ(news.card, "");
  EXPECT_EQ(news.revocations, "");
  EXPECT_EQ(HeldOf(table_, *ParticipantCode::Create("TG")).held_card, 0u);
}

}  // namespace
}  // namespace comity
