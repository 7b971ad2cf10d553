#include "node/daemon/own_anchors.h"

#include <filesystem>

#include "gmock/gmock.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "tests/support/self_made_card.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;
using testing::Not;

// Niger's node, which gets a new partner while it serves.
class OwnAnchorsTest : public testing::Test {
 protected:
  OwnAnchorsTest() {
    parts_.node.card = FormatCard(Own(), root_key_);
    Know({});
    std::filesystem::create_directory(layout_.Run());
  }

  Certificate Make(CertificateKind kind, const SigningKey& key,
                   const Certificate* issuer) {
    const absl::Time now = parts_.clock.Now();
    return *IssueCertificate({kind, key.public_key(), "CA", "", "", "", now,
                              now + absl::Hours(24 * 365)},
                             issuer, root_key_, parts_.random);
  }
  ParticipantCard Own() {
    const Certificate root = Make(CertificateKind::kRoot, root_key_, nullptr);
    return {parts_.self,
            "a name",
            false,
            1,
            {"127.0.0.1:4711"},
            root,
            Make(CertificateKind::kIssuing,
                 SigningKey::Generate(KeyAlgorithm::kP256), &root),
            log_key_.public_key(),
            witness_key_.public_key()};
  }
  void Know(std::vector<ParticipantCard> cards) {
    parts_.partners.Set(std::make_shared<PartnerTable>(
        std::move(cards), std::set<ParticipantCode>()));
  }
  std::string Written() { return *ReadPublicFile(layout_.RunPartners()); }

  ServiceParts parts_;
  const NodeLayout layout_{parts_.directory.path()};
  const SigningKey root_key_ = SigningKey::Generate(KeyAlgorithm::kP256);
  const SigningKey log_key_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const SigningKey witness_key_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const ParticipantCard nigeria_ =
      SelfMadeCard(*ParticipantCode::Create("NG"), log_key_.public_key(),
                   parts_.clock.Now(), parts_.random);
  OwnCertificate certificate_{parts_.self, {}, KeyFiles(layout_)};
  OwnAnchors anchors_{parts_.node, layout_, parts_.national, certificate_};
};

TEST_F(OwnAnchorsTest, WhatCannotBeWrittenIsWrittenAsSoonAsItCanBe) {
  ASSERT_OK(anchors_.Renew());
  EXPECT_FALSE(anchors_.RenewIfBehind());
  Know({nigeria_});
  std::filesystem::rename(layout_.Run(), layout_.Run() + "-away");
  testing::internal::CaptureStderr();
  EXPECT_FALSE(anchors_.Renew().ok());
  EXPECT_FALSE(anchors_.RenewIfBehind());
  EXPECT_FALSE(anchors_.RenewIfBehind());
  const std::string told = testing::internal::GetCapturedStderr();
  // Once, however often it is tried.
  EXPECT_THAT(told, HasSubstr("anchors_not_written"));
  EXPECT_EQ(told.find("anchors_not_written"),
            told.rfind("anchors_not_written"));
  EXPECT_EQ(parts_.node.unwritten->List().size(), 1u);

  std::filesystem::rename(layout_.Run() + "-away", layout_.Run());
  EXPECT_THAT(Written(), Not(HasSubstr(nigeria_.root.ToPem())));
  EXPECT_TRUE(anchors_.RenewIfBehind());
  EXPECT_THAT(Written(), HasSubstr(nigeria_.root.ToPem()));
  EXPECT_TRUE(parts_.node.unwritten->List().empty());
  EXPECT_FALSE(anchors_.RenewIfBehind());
}

}  // namespace
}  // namespace comity
