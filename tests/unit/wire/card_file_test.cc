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

  SystemRandom random_;
  const SigningKey root_key_ = SigningKey::Generate(KeyAlgorithm::kP256);
  const SigningKey log_key_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const Certificate root_ = *IssueCertificate(
      {CertificateKind::kRoot, root_key_.public_key(), "root", "", "", "",
       absl::UnixEpoch(), absl::UnixEpoch() + absl::Hours(24 * 36500)},
      nullptr, root_key_, random_);
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

}  // namespace
}  // namespace comity
