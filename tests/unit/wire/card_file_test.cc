#include "node/wire/card_file.h"

#include "absl/strings/str_replace.h"
#include "node/crypto/hpke.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;
using testing::Not;

class CardFileTest : public testing::Test {
 protected:
  ParticipantCard Card(const std::string& bundle_key) {
    return {*ParticipantCode::Create("NE"),
            "Niger",
            false,
            1,
            {"127.0.0.1:4711"},
            root_,
            root_,
            log_key_.public_key(),
            log_key_.public_key(),
            bundle_key};
  }

  Certificate RootOf(const SigningKey& key) {
    return *IssueCertificate(
        {CertificateKind::kRoot, key.public_key(), "root", "", "", "",
         absl::UnixEpoch(), absl::UnixEpoch() + absl::Hours(24 * 36500)},
        nullptr, key, random_);
  }
  // A card of the root that follows this one.
  ParticipantCard NextCard() {
    ParticipantCard card = Card("");
    card.serial = 2;
    card.root = next_;
    card.past_root = SignSuccession(card.code, next_, root_, root_key_);
    return card;
  }

  SystemRandom random_;
  const SigningKey root_key_ = SigningKey::Generate(KeyAlgorithm::kP256);
  const SigningKey log_key_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const Certificate root_ = RootOf(root_key_);
  const SigningKey next_key_ = SigningKey::Generate(KeyAlgorithm::kP256);
  const Certificate next_ = RootOf(next_key_);
};

TEST_F(CardFileTest, ACardTellsTheKeyThatBundlesAreSealedTo) {
  const std::string key = HpkePublicKey(NewHpkeKey(random_));
  const std::string text = FormatCard(Card(key), root_key_);
  ASSERT_OK_AND_ASSIGN(const ParticipantCard read, ParseCard(text));
  EXPECT_EQ(read.bundle_key, key);
}

TEST_F(CardFileTest, ACardOlderThanBundlesIsReadAsItIs) {
  const std::string text = FormatCard(Card(""), root_key_);
  EXPECT_THAT(text, Not(HasSubstr("bundle-key")));
  ASSERT_OK_AND_ASSIGN(const ParticipantCard read, ParseCard(text));
  EXPECT_EQ(read.bundle_key, "");
}

TEST_F(CardFileTest, ACardNamesTheKeysThatOthersReplaced) {
  const VerifyKey first =
      SigningKey::Generate(KeyAlgorithm::kEd25519).public_key();
  const VerifyKey second =
      SigningKey::Generate(KeyAlgorithm::kEd25519).public_key();
  for (const std::string& bundle_key :
       {std::string(), HpkePublicKey(NewHpkeKey(random_))}) {
    ParticipantCard card = Card(bundle_key);
    card.past_witness_keys = {first};
    ASSERT_OK_AND_ASSIGN(ParticipantCard read,
                         ParseCard(FormatCard(card, root_key_)));
    EXPECT_TRUE(read.past_log_keys.empty());
    ASSERT_EQ(read.past_witness_keys.size(), 1u);
    card.past_log_keys = {second, first};
    ASSERT_OK_AND_ASSIGN(read, ParseCard(FormatCard(card, root_key_)));
    ASSERT_EQ(read.past_log_keys.size(), 2u);
    EXPECT_EQ(read.past_log_keys[0].ToDer(), second.ToDer());
    EXPECT_EQ(read.LogKeys().newest().ToDer(), card.log_key.ToDer());
    EXPECT_EQ(read.bundle_key, bundle_key);
    card.past_log_keys.assign(kMostPastKeys + 1, first);
    EXPECT_THAT(ParseCard(FormatCard(card, root_key_)),
                FailsWith(ErrorReason::kFieldInvalid));
  }
}

TEST_F(CardFileTest, ACardWithoutAnAddressIsOfANodeThatCollectsItsMail) {
  ParticipantCard card = Card("");
  EXPECT_FALSE(ParseCard(FormatCard(card, root_key_))->CollectsMail());
  card.endpoints.clear();
  ASSERT_OK_AND_ASSIGN(const ParticipantCard read,
                       ParseCard(FormatCard(card, root_key_)));
  EXPECT_TRUE(read.CollectsMail());
}

TEST_F(CardFileTest, NoLineIsAddedToASignedCardOrTakenFromIt) {
  const std::string old = FormatCard(Card(""), root_key_);
  for (const char* line :
       {"bundle-key: \n", "bundle-key: AAAA\n", "past-log-keys: \n",
        "past-witness-keys: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "bundle-key: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAA=\n"}) {
    EXPECT_THAT(ParseCard(absl::StrReplaceAll(
                    old, {{"signature: ", std::string(line) + "signature: "}})),
                FailsWith(ErrorReason::kFieldInvalid))
        << line;
  }
  const std::string text =
      FormatCard(Card(HpkePublicKey(NewHpkeKey(random_))), root_key_);
  const size_t from = text.find("bundle-key: ");
  const size_t to = text.find("signature: ");
  EXPECT_THAT(ParseCard(text.substr(0, from) + text.substr(to)),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(CardFileTest, ANewRootsCardNamesTheOneBeforeThatSignedIt) {
  const std::string text = FormatCard(NextCard(), next_key_);
  ASSERT_OK_AND_ASSIGN(ParticipantCard read, ParseCard(text));
  EXPECT_EQ(FormatCard(read, next_key_).substr(0, text.rfind("signature: ")),
            text.substr(0, text.rfind("signature: ")));
  ASSERT_EQ(read.Anchors().size(), 3u);
  EXPECT_EQ(read.Anchors()[2].Fingerprint(), root_.Fingerprint());
  EXPECT_OK(CheckSuccessor(Card(""), read));
  // A later one needs the old key no more.
  ++read.serial;
  read.past_log_keys = {log_key_.public_key()};
  ASSERT_OK_AND_ASSIGN(const ParticipantCard later,
                       ParseCard(FormatCard(read, next_key_)));
  EXPECT_OK(CheckSuccessor(Card(""), later));
  read.past_root.reset();
  EXPECT_EQ(ParseCard(FormatCard(read, next_key_))->Anchors().size(), 2u);
}

TEST_F(CardFileTest, Law9ARootFollowsAnotherByThatOnesSignatureAlone) {
  const SigningKey thief = SigningKey::Generate(KeyAlgorithm::kP256);
  const ParticipantCode code = Card("").code;
  const ParticipantCode other = *ParticipantCode::Create("NG");
  const std::vector<PastRoot> forged = {
      SignSuccession(code, next_, root_, thief),
      SignSuccession(code, next_, root_, next_key_),
      // Of another participant, of another root, of itself.
      SignSuccession(other, next_, root_, root_key_),
      SignSuccession(code, RootOf(next_key_), root_, root_key_),
      SignSuccession(code, next_, next_, next_key_),
      {root_, ""}};
  for (const PastRoot& each : forged) {
    ParticipantCard card = NextCard();
    card.past_root = each;
    EXPECT_THAT(ParseCard(FormatCard(card, next_key_)),
                FailsWith(ErrorReason::kFieldInvalid));
  }
  // The old key says who follows, and signs no card of the new root.
  EXPECT_THAT(ParseCard(FormatCard(NextCard(), root_key_)),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(CardFileTest, AnotherRootIsASuccessorOfTheOneThatSignedItAlone) {
  const ParticipantCard next = NextCard();
  ParticipantCard silent = next;
  silent.past_root.reset();
  EXPECT_THAT(CheckSuccessor(Card(""), silent),
              FailsWith(ErrorReason::kFieldInvalid));
  const SigningKey third_key = SigningKey::Generate(KeyAlgorithm::kP256);
  ParticipantCard third = next;
  third.serial = 3;
  third.root = RootOf(third_key);
  third.past_root = SignSuccession(third.code, third.root, next_, next_key_);
  EXPECT_OK(CheckSuccessor(next, third));
  EXPECT_THAT(CheckSuccessor(Card(""), third),
              FailsWith(ErrorReason::kFieldInvalid));
  // A root that was replaced does not come back by itself.
  ParticipantCard back = Card("");
  back.serial = 9;
  EXPECT_THAT(CheckSuccessor(next, back),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(CheckSuccessor(next, NextCard()),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(CardFileTest, NoLineOfTheRootBeforeIsTakenOrMoved) {
  const std::string text = FormatCard(NextCard(), next_key_);
  const size_t root = text.find("past-root: ");
  const size_t by_past = text.find("past-root-signature: ");
  const size_t end = text.rfind("\nsignature: ") + 1;
  ASSERT_NE(root, std::string::npos);
  const std::string head = text.substr(0, root);
  const std::string first = text.substr(root, by_past - root);
  const std::string second = text.substr(by_past, end - by_past);
  ASSERT_OK(ParseCard(head + first + second + text.substr(end)));
  for (const std::string& lines :
       {std::string(), first, second, second + first, first + first + second}) {
    EXPECT_THAT(ParseCard(head + lines + text.substr(end)),
                FailsWith(ErrorReason::kFieldInvalid))
        << lines;
  }
}

}  // namespace
}  // namespace comity
