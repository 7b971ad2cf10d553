#include "node/cli/node_trust.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "node/cli/node_init.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "node/wire/revocation_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

// The directory of Nigeria's node, which does not run.
class NodeTrustTest : public testing::Test {
 protected:
  void SetUp() override {
    const InitOptions options{"NG",  "Nigeria", layout_.directory, root_, "ORG",
                              false, false};
    ASSERT_OK(InitNode(options, now_, random_));
  }

  Certificate Leaf(const std::string& path) {
    return Certificate::ListFromPem(*ReadPublicFile(path))->front();
  }
  ParticipantCard Card() { return *ParseCard(*ReadPublicFile(layout_.Card())); }
  absl::StatusOr<RevokedCertificates> List() {
    ASSIGN_OR_RETURN(const std::string text,
                     ReadPublicFile(layout_.RevokedCertificates()));
    const ParticipantCard card = Card();
    return ParseRevocations(text, card.code, card.issuing.public_key());
  }
  absl::Status Revoke(const std::string& which) {
    return RevokeCertificate(layout_.directory, which, now_).status();
  }
  // The certificate that the node serves with, which is replaced then.
  Certificate Replaced() {
    const Certificate before = Leaf(layout_.TlsCertificate());
    EXPECT_OK(RenewNode(layout_.directory, now_, random_));
    return before;
  }

  TestDirectory directory_;
  SystemRandom random_;
  const absl::Time now_ = absl::FromUnixSeconds(1790000000);
  const NodeLayout layout_{directory_.Path("ng")};
  const std::string root_ = directory_.Path("root");
};

TEST_F(NodeTrustTest, WhatWasReplacedIsFoundBySerialNumberAndFingerprint) {
  const Certificate first = Replaced();
  const Certificate second = Replaced();
  ASSERT_OK(Revoke(absl::BytesToHexString(first.SerialNumber())));
  // As openssl x509 -fingerprint writes it.
  std::string written;
  for (const char byte : second.Fingerprint()) {
    written +=
        (written.empty() ? "" : ":") +
        absl::AsciiStrToUpper(absl::BytesToHexString(std::string(1, byte)));
  }
  ASSERT_OK(Revoke(written));
  ASSERT_OK_AND_ASSIGN(const RevokedCertificates list, List());
  EXPECT_EQ(list.sequence, 2u);
  EXPECT_TRUE(list.Holds(first.Fingerprint(), now_));
  EXPECT_TRUE(list.Holds(second.Fingerprint(), now_));
  EXPECT_EQ(list.entries.size(), 2u);
  EXPECT_THAT(Revoke(written), FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(Revoke("00ff"), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Revoke(""), FailsWith(ErrorReason::kNotFound));
}

TEST_F(NodeTrustTest, WhatHasEndedLeavesTheListAndAFullOneSaysWhatToDo) {
  ASSERT_OK(Revoke(layout_.Operators() + "/admin-1/certificate.pem"));
  for (size_t i = 1; i < kMostRevoked; ++i) {
    ASSERT_OK(Revoke(absl::BytesToHexString(Replaced().Fingerprint())));
  }
  const std::string one_more = absl::BytesToHexString(Replaced().Fingerprint());
  EXPECT_THAT(Revoke(one_more), FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_EQ(List()->entries.size(), kMostRevoked);
  const absl::Time later = now_ + absl::Hours(24 * 91);
  ASSERT_OK(RenewNode(layout_.directory, later, random_));
  const Certificate last = Leaf(layout_.TlsCertificate());
  ASSERT_OK(RenewNode(layout_.directory, later, random_));
  ASSERT_OK(RevokeCertificate(
      layout_.directory, absl::BytesToHexString(last.SerialNumber()), later));
  EXPECT_EQ(List()->entries.size(), 1u);
  EXPECT_EQ(List()->sequence, kMostRevoked + 1);
}

TEST_F(NodeTrustTest, AnotherCaSignsCardAndListAndIssuesFromThenOn) {
  const ParticipantCard before = Card();
  ASSERT_OK(Revoke(absl::BytesToHexString(Replaced().SerialNumber())));
  ASSERT_OK_AND_ASSIGN(const RenewedIssuing renewed,
                       RenewIssuing(layout_.directory, root_, now_, random_));
  const ParticipantCard after = Card();
  EXPECT_OK(CheckSuccessor(before, after));
  EXPECT_EQ(after.serial, 2u);
  EXPECT_NE(after.issuing.Fingerprint(), before.issuing.Fingerprint());
  EXPECT_EQ(renewed.fingerprint,
            CardFingerprint(*ReadPublicFile(layout_.Card())));
  EXPECT_EQ(renewed.until, after.issuing.not_after());
  // The new key signed the list once more.
  ASSERT_OK_AND_ASSIGN(const RevokedCertificates list, List());
  EXPECT_EQ(list.sequence, 2u);
  EXPECT_EQ(list.entries.size(), 1u);
  // The leaf of before leads to the same root.
  EXPECT_THAT(Revoke(renewed.ended_serial),
              FailsWith(ErrorReason::kFieldInvalid));
  Replaced();
  const Certificate leaf = Leaf(layout_.TlsCertificate());
  EXPECT_OK(VerifyChain(leaf, {after.issuing}, {after.root},
                        ChainPurpose::kClient, now_));
  EXPECT_OK(Revoke(renewed.ended_serial));
  EXPECT_TRUE(List()->Holds(before.issuing.Fingerprint()));
}

}  // namespace
}  // namespace comity
