#include "node/cli/node_keys.h"

#include "node/cli/node_init.h"
#include "node/identity/own_keys.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

// The directory of Nigeria's node, which does not run.
class NodeKeysTest : public testing::Test {
 protected:
  void SetUp() override {
    const InitOptions options{"NG",  "Nigeria", layout_.directory, root_, "ORG",
                              false, false};
    ASSERT_OK(InitNode(options, absl::FromUnixSeconds(1790000000), random_));
  }
  ParticipantCard Card() { return *ParseCard(*ReadPublicFile(layout_.Card())); }
  absl::StatusOr<OwnKeys> Keys() {
    return ReadOwnKeys(KeyFiles(layout_), Card());
  }
  absl::StatusOr<RotatedKey> Rotate(OwnKey which) {
    return RotateKey(layout_.directory, root_, which);
  }
  static std::string Text(const VerifyKey& key) { return key.ToDer(); }

  TestDirectory directory_;
  SystemRandom random_;
  const NodeLayout layout_{directory_.Path("ng")};
  const std::string root_ = directory_.Path("root");
};

TEST_F(NodeKeysTest, TheCardNamesTheNewKeyAndBothSign) {
  const ParticipantCard before = Card();
  ASSERT_OK_AND_ASSIGN(const RotatedKey rotated, Rotate(OwnKey::kLog));
  const ParticipantCard card = Card();
  EXPECT_EQ(rotated.card, before.serial + 1);
  EXPECT_EQ(rotated.fingerprint,
            CardFingerprint(*ReadPublicFile(layout_.Card())));
  EXPECT_OK(CheckSuccessor(before, card));
  EXPECT_NE(Text(card.log_key), Text(before.log_key));
  EXPECT_EQ(Text(card.witness_key), Text(before.witness_key));
  ASSERT_EQ(card.past_log_keys.size(), 1u);
  EXPECT_EQ(Text(card.past_log_keys[0]), Text(before.log_key));
  ASSERT_OK_AND_ASSIGN(const OwnKeys keys, Keys());
  EXPECT_EQ(Text(keys.log.public_key()), Text(card.log_key));
  ASSERT_TRUE(keys.log_beside.has_value());
  EXPECT_EQ(Text(keys.log_beside->public_key()), Text(before.log_key));
  EXPECT_FALSE(keys.witness_beside.has_value());
}

TEST_F(NodeKeysTest, TheKeyBeforeSignsUntilItIsEnded) {
  EXPECT_THAT(EndKeyBefore(layout_.directory, OwnKey::kWitness),
              FailsWith(ErrorReason::kNotFound));
  ASSERT_OK(Rotate(OwnKey::kWitness));
  EXPECT_THAT(Rotate(OwnKey::kWitness), FailsWith(ErrorReason::kFieldInvalid));
  ASSERT_OK(EndKeyBefore(layout_.directory, OwnKey::kWitness));
  EXPECT_FALSE(Keys()->witness_beside.has_value());
  ASSERT_OK(Rotate(OwnKey::kWitness));
  EXPECT_EQ(Card().past_witness_keys.size(), 2u);
}

// It is cut off between any two files: the node starts, and the next call goes
// on without a key being lost.
TEST_F(NodeKeysTest, ARotationThatWasCutOffIsNoHindranceAndGoesOn) {
  const std::string card = *ReadPublicFile(layout_.Card());
  const std::string first = Text(Card().log_key);
  const SecretBytes pem = *ReadPrivateFile(layout_.LogKey());
  // The key was kept, and no other made.
  ASSERT_OK(WritePrivateFile(layout_.LogKeyBefore(), pem.Expose()));
  ASSERT_OK_AND_ASSIGN(OwnKeys keys, Keys());
  EXPECT_FALSE(keys.log_beside.has_value());
  // Another was made, and no card.
  ASSERT_OK(Rotate(OwnKey::kLog));
  const std::string second = Text(Card().log_key);
  ASSERT_OK(WritePublicFile(layout_.Card(), card));
  ASSERT_OK_AND_ASSIGN(keys, Keys());
  EXPECT_EQ(Text(keys.log.public_key()), first);
  ASSERT_TRUE(keys.log_beside.has_value());
  EXPECT_EQ(Text(keys.log_beside->public_key()), second);
  EXPECT_THAT(EndKeyBefore(layout_.directory, OwnKey::kLog),
              FailsWith(ErrorReason::kFieldInvalid));
  ASSERT_OK(Rotate(OwnKey::kLog));
  EXPECT_EQ(Text(Card().log_key), second);
  EXPECT_EQ(Text(Card().past_log_keys.at(0)), first);
}

TEST_F(NodeKeysTest, AKeyThatNoCardNamesStartsNoNode) {
  const SigningKey other = SigningKey::Generate(KeyAlgorithm::kEd25519);
  ASSERT_OK(
      WritePrivateFile(layout_.LogKey(), other.ToPem(SecretBytes()).Expose()));
  EXPECT_THAT(Keys(), FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(NodeKeysTest, OnlyTheOwnRootNamesAnotherKey) {
  const std::string card = *ReadPublicFile(layout_.Card());
  EXPECT_FALSE(
      RotateKey(layout_.directory, layout_.directory, OwnKey::kLog).ok());
  EXPECT_EQ(*ReadPublicFile(layout_.Card()), card);
  EXPECT_FALSE(Keys()->log_beside.has_value());
}

}  // namespace
}  // namespace comity
