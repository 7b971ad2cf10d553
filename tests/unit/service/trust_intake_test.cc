#include "node/service/trust_intake.h"

#include <functional>

#include "node/service/admin_desk.h"
#include "node/service/card_report.h"
#include "node/wire/card_file.h"
#include "node/wire/revocation_file.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// Niger's node hears of Nigeria's certificates.
class TrustIntakeTest : public testing::Test {
 protected:
  TrustIntakeTest()
      : root_key_(SigningKey::Generate(KeyAlgorithm::kP256)),
        root_(Make(CertificateKind::kRoot, root_key_, nullptr, root_key_)),
        issuing_key_(SigningKey::Generate(KeyAlgorithm::kP256)),
        next_key_(SigningKey::Generate(KeyAlgorithm::kP256)),
        next_root_(
            Make(CertificateKind::kRoot, next_key_, nullptr, next_key_)) {
    Pin(CardOf(1, issuing_key_));
  }

  Certificate Make(CertificateKind kind, const SigningKey& key,
                   const Certificate* issuer, const SigningKey& by) {
    const absl::Time now = parts_.clock.Now();
    return *IssueCertificate({kind, key.public_key(), "CA", "", "", "", now,
                              now + absl::Hours(24 * 365)},
                             issuer, by, parts_.random);
  }
  ParticipantCard CardOf(uint32_t serial, const SigningKey& issuing_key) {
    return {ng_,
            "Nigeria",
            false,
            serial,
            {"127.0.0.1:4711"},
            root_,
            Make(CertificateKind::kIssuing, issuing_key, &root_, root_key_),
            log_key_,
            log_key_};
  }
  // Of the root that follows.
  ParticipantCard NextCard(uint32_t serial) {
    ParticipantCard card = CardOf(serial, issuing_key_);
    card.root = next_root_;
    card.issuing =
        Make(CertificateKind::kIssuing, issuing_key_, &next_root_, next_key_);
    card.past_root = SignSuccession(ng_, next_root_, root_, root_key_);
    return card;
  }
  void Pin(const ParticipantCard& card) {
    ASSERT_OK(parts_.writer.Commit([&](CommitScope& scope) {
      return scope.store().PutPartnerCard("NG", FormatCard(card, root_key_));
    }));
    ASSERT_OK(LoadPartners(parts_.node));
  }
  static RevokedCertificates List(uint64_t sequence, char which) {
    RevokedCertificates list;
    list.sequence = sequence;
    list.entries[std::string(32, which)] = {absl::FromUnixSeconds(1790000000),
                                            absl::FromUnixSeconds(1798000000)};
    return list;
  }
  void Hear(const std::string& card, const std::string& revocations) {
    TrustNews news;
    news.card = card;
    news.revocations = revocations;
    TakeTrustNews(parts_.node, ng_, news);
    // What was queued before is done then.
    ASSERT_OK(
        parts_.writer.Commit([](CommitScope&) { return absl::OkStatus(); }));
  }
  void HearList(const RevokedCertificates& list, const SigningKey& key) {
    Hear("", FormatRevocations(ng_, list, key));
  }
  const RevokedCertificates& Known() {
    table_ = parts_.partners.Get();
    return table_->RevokedBy(ng_);
  }
  uint32_t PinnedSerial() {
    table_ = parts_.partners.Get();
    return table_->Find(ng_)->serial;
  }
  size_t Anchors() {
    table_ = parts_.partners.Get();
    return table_->Find(ng_)->Anchors().size();
  }
  // What the status says of the partner's card.
  std::string Complaint() {
    StatusChecks checks;
    table_ = parts_.partners.Get();
    EXPECT_OK(CheckCards(parts_.node, *table_->Find(ng_), checks));
    return checks.empty() ? "" : checks[0].detail();
  }
  uint64_t Entries() {
    return parts_.store.ReadLogHead(OwnLogOrigin(parts_.self))->size;
  }

  ServiceParts parts_;
  const ParticipantCode ng_ = *ParticipantCode::Create("NG");
  const VerifyKey log_key_ =
      SigningKey::Generate(KeyAlgorithm::kEd25519).public_key();
  const SigningKey root_key_;
  const Certificate root_;
  const SigningKey issuing_key_;
  const SigningKey next_key_;
  const Certificate next_root_;
  std::shared_ptr<const PartnerTable> table_;
};

TEST_F(TrustIntakeTest, AListIsInForceAtOnceAndAnEntryOfTheLog) {
  HearList(List(2, 'a'), issuing_key_);
  EXPECT_TRUE(Known().Holds(std::string(32, 'a')));
  EXPECT_EQ(Known().sequence, 2u);
  EXPECT_EQ(Entries(), 1u);
  // Told once more, it is no news.
  HearList(List(2, 'a'), issuing_key_);
  EXPECT_EQ(Entries(), 1u);
}

TEST_F(TrustIntakeTest, AnOldListNeverReplacesANewerOne) {
  HearList(List(5, 'b'), issuing_key_);
  for (const uint64_t sequence : {1u, 4u, 5u}) {
    HearList(List(sequence, 'a'), issuing_key_);
  }
  EXPECT_TRUE(Known().Holds(std::string(32, 'b')));
  EXPECT_FALSE(Known().Holds(std::string(32, 'a')));
  // Nor after a restart.
  parts_.partners.Set(std::make_shared<PartnerTable>());
  ASSERT_OK(LoadPartners(parts_.node));
  HearList(List(4, 'a'), issuing_key_);
  EXPECT_TRUE(Known().Holds(std::string(32, 'b')));
  EXPECT_FALSE(Known().Holds(std::string(32, 'a')));
}

TEST_F(TrustIntakeTest, AListOfAnotherAuthorityIsNotTaken) {
  HearList(List(2, 'a'), SigningKey::Generate(KeyAlgorithm::kP256));
  Hear("", "junk");
  EXPECT_EQ(Known().sequence, 0u);
  EXPECT_EQ(Entries(), 0u);
}

TEST_F(TrustIntakeTest, ACardWithAnotherIssuingCaIsTakenAndItsListWithIt) {
  HearList(List(9, 'a'), issuing_key_);
  const SigningKey next = SigningKey::Generate(KeyAlgorithm::kP256);
  const std::string card = FormatCard(CardOf(2, next), root_key_);
  Hear(card, FormatRevocations(ng_, List(3, 'b'), next));
  EXPECT_EQ(PinnedSerial(), 2u);
  EXPECT_TRUE(Known().Holds(std::string(32, 'b')));
  EXPECT_EQ(Known().sequence, 3u);
  EXPECT_EQ(Entries(), 3u);
  // The CA before says nothing any more.
  HearList(List(10, 'c'), issuing_key_);
  EXPECT_EQ(Known().sequence, 3u);
}

TEST_F(TrustIntakeTest, WhatTheCaBeforeRevokedStaysUntilTheNextList) {
  HearList(List(9, 'a'), issuing_key_);
  const SigningKey next = SigningKey::Generate(KeyAlgorithm::kP256);
  Hear(FormatCard(CardOf(2, next), root_key_), "");
  EXPECT_TRUE(Known().Holds(std::string(32, 'a')));
  EXPECT_EQ(Known().sequence, 0u);
}

TEST_F(TrustIntakeTest, ACardThatNamesTheKeyBeforeAsPastIsTaken) {
  const VerifyKey next =
      SigningKey::Generate(KeyAlgorithm::kEd25519).public_key();
  ParticipantCard card = CardOf(2, issuing_key_);
  card.log_key = next;
  card.past_log_keys = {next};
  Hear(FormatCard(card, root_key_), "");
  EXPECT_EQ(PinnedSerial(), 1u);
  card.past_log_keys = {log_key_};
  card.witness_key = next;
  card.past_witness_keys = {next, log_key_};
  Hear(FormatCard(card, root_key_), "");
  EXPECT_EQ(PinnedSerial(), 2u);
  // Nor does the key before come back as if nothing had been.
  card = CardOf(3, issuing_key_);
  Hear(FormatCard(card, root_key_), "");
  EXPECT_EQ(PinnedSerial(), 2u);
}

TEST_F(TrustIntakeTest, ACardThatChangesMoreOrIsOlderIsNotTaken) {
  const SigningKey next = SigningKey::Generate(KeyAlgorithm::kP256);
  const std::vector<std::function<void(ParticipantCard&)>> changes = {
      [](ParticipantCard& card) { card.endpoints = {"127.0.0.1:4712"}; },
      [](ParticipantCard& card) { card.name = "another"; },
      [](ParticipantCard& card) { card.commission = true; },
      [](ParticipantCard& card) {
        card.log_key =
            SigningKey::Generate(KeyAlgorithm::kEd25519).public_key();
      },
      [](ParticipantCard& card) {
        card.witness_key =
            SigningKey::Generate(KeyAlgorithm::kEd25519).public_key();
      },
      [](ParticipantCard& card) { card.bundle_key = std::string(32, 'b'); },
      [](ParticipantCard& card) { card.serial = 1; }};
  for (const auto& change : changes) {
    ParticipantCard card = CardOf(2, next);
    change(card);
    Hear(FormatCard(card, root_key_), "");
    EXPECT_EQ(PinnedSerial(), 1u);
  }
  EXPECT_EQ(Entries(), 0u);
}

TEST_F(TrustIntakeTest, ACardThatWaitsForPeopleIsNamedUntilTheyTakeIt) {
  ParticipantCard card = CardOf(2, issuing_key_);
  card.endpoints = {"127.0.0.1:4712"};
  EXPECT_EQ(Complaint(), "");
  Hear(FormatCard(card, root_key_), "");
  EXPECT_EQ(PinnedSerial(), 1u);
  EXPECT_NE(Complaint().find("told of its card 2"), std::string::npos);
  Pin(card);
  EXPECT_EQ(Complaint(), "");
}

TEST_F(TrustIntakeTest, ANewRootIsTakenByTheOldOnesSignatureAndEndsItLater) {
  Hear(FormatCard(NextCard(2), next_key_), "");
  EXPECT_EQ(PinnedSerial(), 2u);
  EXPECT_EQ(Anchors(), 3u);
  EXPECT_EQ(Entries(), 1u);
  // Signed by the new key alone.
  Hear(FormatCard(NextCard(3), next_key_), "");
  EXPECT_EQ(PinnedSerial(), 3u);
  ParticipantCard ended = NextCard(4);
  ended.past_root.reset();
  Hear(FormatCard(ended, next_key_), "");
  EXPECT_EQ(PinnedSerial(), 4u);
  EXPECT_EQ(Anchors(), 2u);
  // Who stole the old root's key brings nothing back, nor does the new one's
  // by the line.
  Hear(FormatCard(CardOf(5, issuing_key_), root_key_), "");
  Hear(FormatCard(NextCard(5), next_key_), "");
  Hear(FormatCard(NextCard(3), next_key_), "");
  EXPECT_EQ(PinnedSerial(), 4u);
  EXPECT_EQ(Anchors(), 2u);
}

TEST_F(TrustIntakeTest, ANewRootChangesNothingElse) {
  ParticipantCard card = NextCard(2);
  card.endpoints = {"127.0.0.1:4712"};
  Hear(FormatCard(card, next_key_), "");
  EXPECT_EQ(PinnedSerial(), 1u);
  // Another anchor beside the pinned root.
  card = CardOf(2, issuing_key_);
  card.past_root = SignSuccession(ng_, root_, next_root_, next_key_);
  Hear(FormatCard(card, root_key_), "");
  EXPECT_EQ(PinnedSerial(), 1u);
  EXPECT_EQ(Entries(), 0u);
}

TEST_F(TrustIntakeTest, Law9AForgedRootIsRefusedAndPeopleHearOfItOnce) {
  ParticipantCard silent = NextCard(2);
  silent.past_root.reset();
  ParticipantCard forged = NextCard(3);
  forged.past_root = SignSuccession(ng_, next_root_, root_, next_key_);
  for (const ParticipantCard& each : {silent, forged, silent}) {
    Hear(FormatCard(each, next_key_), "");
    EXPECT_EQ(PinnedSerial(), 1u);
    EXPECT_EQ(Entries(), 1u);
    EXPECT_NE(Complaint().find("another root"), std::string::npos);
  }
  // Junk is one as well, and buys nothing.
  Hear("junk", "");
  EXPECT_EQ(Entries(), 1u);
  parts_.clock.Advance(absl::Hours(24 * 8));
  EXPECT_EQ(Complaint(), "");
  Hear(FormatCard(silent, next_key_), "");
  EXPECT_EQ(Entries(), 2u);
  // Until a card is taken.
  EXPECT_NE(Complaint(), "");
  Hear(FormatCard(NextCard(2), next_key_), "");
  EXPECT_EQ(PinnedSerial(), 2u);
  EXPECT_EQ(Complaint(), "");
}

TEST_F(TrustIntakeTest, WhatIsKeptAndDoesNotReadLetsNobodyIn) {
  HearList(List(2, 'a'), issuing_key_);
  ASSERT_OK(parts_.writer.Commit([&](CommitScope& scope) {
    return scope.store().PutMeta("revocations/NG", "damaged");
  }));
  ASSERT_OK(LoadPartners(parts_.node));
  EXPECT_TRUE(parts_.partners.Get()->IsSuspended(ng_));
  HearList(List(3, 'a'), issuing_key_);
  EXPECT_FALSE(parts_.partners.Get()->IsSuspended(ng_));
  EXPECT_EQ(Known().sequence, 3u);
}

}  // namespace
}  // namespace comity
