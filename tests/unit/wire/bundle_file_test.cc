#include "node/wire/bundle_file.h"

#include "node/crypto/hpke.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

class BundleFileTest : public testing::Test {
 protected:
  Message MessageWith(const std::string& payload) {
    return {std::string(kMessageLeafSize, 'l'),
            "comity.federation.v1.ReferralEventPayload",
            payload,
            random_.Bytes(32),
            "proof",
            {{FieldGroup::kStatus, random_.Bytes(32), "opened"}}};
  }
  BundleContent Content(const std::string& payload = "payload") {
    BundleContent content;
    content.heads.checkpoint = "checkpoint";
    content.heads.proved_size = 3;
    content.heads.unproved_sizes = {5, 9};
    content.heads.proofs = {{3, 12, {std::string(32, 'h')}}};
    content.heads.cosigned_checkpoint = "cosigned";
    content.heads.news = {"card", "list", 2, 3};
    content.events = {MessageWith(payload)};
    content.receipts = {MessageWith("receipt")};
    return content;
  }
  std::string Seal(const BundleContent& content) {
    return *SealBundle(label_, content, HpkePublicKey(key_), random_);
  }

  SystemRandom random_;
  const SecretBytes key_ = NewHpkeKey(random_);
  const BundleLabel label_{*ParticipantCode::Create("NE"),
                           *ParticipantCode::Create("ECOWAS"), 1, 7,
                           absl::FromUnixMillis(1790000000123)};
};

TEST_F(BundleFileTest, WhatIsSealedComesOut) {
  const BundleContent content = Content();
  const std::string file = Seal(content);
  ASSERT_OK_AND_ASSIGN(const BundleLabel label, ParseBundleLabel(file));
  EXPECT_EQ(label.sender.text(), "NE");
  EXPECT_EQ(label.receiver.text(), "ECOWAS");
  EXPECT_EQ(label.sender_card, 1u);
  EXPECT_EQ(label.receiver_card, 7u);
  EXPECT_EQ(label.written_at, label_.written_at);
  ASSERT_OK_AND_ASSIGN(const BundleContent read, OpenBundle(file, key_));
  EXPECT_EQ(FormatBundleContent(read), FormatBundleContent(content));
  EXPECT_EQ(read.heads.unproved_sizes, content.heads.unproved_sizes);
  EXPECT_EQ(read.heads.cosigned_checkpoint, "cosigned");
  EXPECT_EQ(read.heads.news.revocations, "list");
  EXPECT_EQ(read.events[0].openings[0].value, "opened");
  EXPECT_EQ(read.receipts[0].payload, "receipt");
}

// node/audit/FORMAT.md section 8, byte by byte.
TEST_F(BundleFileTest, TheLabelLiesAsItIsDrawn) {
  const std::string file = Seal(Content());
  EXPECT_EQ(file.substr(0, 16), "comity-bundle@v1");
  EXPECT_EQ(file.substr(16, 16), "NE" + std::string(14, '\0'));
  EXPECT_EQ(file.substr(32, 16), "ECOWAS" + std::string(10, '\0'));
  EXPECT_EQ(file.substr(48, 8), std::string("\0\0\0\1\0\0\0\7", 8));
  // 1790000000123 and 16 KiB with key and tag.
  EXPECT_EQ(file.substr(56, 8),
            std::string("\x00\x00\x01\xa0\xc4\x50\x6c\x7b", 8));
  EXPECT_EQ(file.substr(64, 4), std::string("\x00\x00\x40\x30", 4));
  EXPECT_EQ(file.size(), 68u + 32 + 16 * 1024 + 16);
}

TEST_F(BundleFileTest, TheSizeTellsOnlyTheClass) {
  EXPECT_EQ(Seal(Content("x")).size(),
            Seal(Content(std::string(9000, 'x'))).size());
  EXPECT_EQ(Seal(Content(std::string(20000, 'x'))).size(),
            68u + 32 + 2 * 16 * 1024 + 16);
}

TEST_F(BundleFileTest, NobodyElseOpensIt) {
  const std::string file = Seal(Content());
  const SecretBytes other = NewHpkeKey(random_);
  EXPECT_THAT(OpenBundle(file, other),
              FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_EQ(file.find("payload"), std::string::npos);
}

TEST_F(BundleFileTest, EachCutAndEachChangedByteOfTheLabelIsNoticed) {
  const std::string file = Seal(Content());
  for (size_t size = 0; size < file.size(); size += size < 120 ? 1 : 997) {
    EXPECT_THAT(ParseBundleLabel(file.substr(0, size)),
                FailsWith(size < 16 ? ErrorReason::kFieldInvalid
                                    : ErrorReason::kIntegrityFailure))
        << size;
  }
  EXPECT_THAT(ParseBundleLabel(file + "x"),
              FailsWith(ErrorReason::kIntegrityFailure));
  for (size_t at = 0; at < 68; ++at) {
    std::string changed = file;
    changed[at] = static_cast<char>(changed[at] ^ 0x02);
    EXPECT_FALSE(OpenBundle(changed, key_).ok()) << at;
  }
}

TEST_F(BundleFileTest, ABundleIsBounded) {
  const auto large = SealBundle(label_, Content(std::string(1 << 20, 'x')),
                                HpkePublicKey(key_), random_);
  EXPECT_THAT(large, FailsWith(ErrorReason::kMessageTooLarge));
  EXPECT_THAT(
      ParseBundleLabel("comity-bundle@v1" + std::string(kMaxBundleSize, 'x')),
      FailsWith(ErrorReason::kMessageTooLarge));
  // What the writer puts in at most fits.
  EXPECT_OK(SealBundle(label_, Content(std::string(kMaxBundleMessages, 'x')),
                       HpkePublicKey(key_), random_));
}

TEST_F(BundleFileTest, NoKeySealsNothing) {
  EXPECT_THAT(SealBundle(label_, Content(), "short", random_),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(BundleFileTest, KeptMessagesComeBack) {
  EXPECT_TRUE(ParseMessages("")->empty());
  const std::vector<Message> kept = {MessageWith("a"), MessageWith("b")};
  ASSERT_OK_AND_ASSIGN(const auto read, ParseMessages(SerializeMessages(kept)));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[1].payload, "b");
  EXPECT_EQ(read[1].salt, kept[1].salt);
}

}  // namespace
}  // namespace comity
