#include "node/identity/own_certificate.h"

#include "node/identity/private_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

MATCHER(IsLoaded, "was put in place") { return arg.ok() && *arg; }

// The files of Nigeria's node, whose certificate is renewed.
class OwnCertificateTest : public testing::Test {
 protected:
  struct Authority {
    Certificate certificate;
    SigningKey key;
  };

  void SetUp() override {
    for (const std::string& path :
         {layout_.Keys(), layout_.Certificates(), layout_.Run()}) {
      ASSERT_OK(MakePrivateDirectory(path));
    }
  }

  Authority MakeRoot() {
    SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
    const CertificateRequest request{CertificateKind::kRoot,
                                     key.public_key(),
                                     "root",
                                     "",
                                     "",
                                     "",
                                     now_,
                                     now_ + day_};
    return {*IssueCertificate(request, nullptr, key, random_), key};
  }

  // Key and certificate of the node, as comity node renew writes them.
  void Renew(const Authority& authority) {
    const SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
    const CertificateRequest request{CertificateKind::kNode,
                                     key.public_key(),
                                     "NG",
                                     "spiffe://ng.comity/node",
                                     "",
                                     "",
                                     now_,
                                     now_ + day_};
    ASSERT_OK_AND_ASSIGN(const Certificate issued,
                         IssueCertificate(request, &authority.certificate,
                                          authority.key, random_));
    ASSERT_OK(KeyFiles(layout_).WriteSigningKey(layout_.TlsKey(), key));
    ASSERT_OK(WritePublicFile(layout_.TlsCertificate(), issued.ToPem()));
  }

  TestDirectory directory_;
  SystemRandom random_;
  const absl::Duration day_ = absl::Hours(24);
  const absl::Time now_ = absl::FromUnixSeconds(1790000000);
  const NodeLayout layout_{directory_.Path("ng")};
};

// The root key was lost: the certificate is there before the card that names
// the new root is in force, and nobody touches its files again.
TEST_F(OwnCertificateTest, OneThatWasRefusedIsJudgedAgainByOtherAnchors) {
  const Authority before = MakeRoot();
  const Authority next = MakeRoot();
  ASSERT_NO_FATAL_FAILURE(Renew(before));
  OwnCertificate own(*ParticipantCode::Create("NG"), {before.certificate},
                     KeyFiles(layout_));
  ASSERT_OK(own.Load());
  ASSERT_NO_FATAL_FAILURE(Renew(next));
  // Its files have to stay as they are first; then it is refused, once.
  EXPECT_THAT(own.LoadIfRenewed(now_), testing::Not(IsLoaded()));
  EXPECT_THAT(own.LoadIfRenewed(now_),
              FailsWith(ErrorReason::kCertificateUnknown));
  EXPECT_OK(own.LoadIfRenewed(now_));
  EXPECT_THAT(own.LoadIfRenewed(now_), testing::Not(IsLoaded()));
  own.SetAnchors({next.certificate});
  EXPECT_THAT(own.LoadIfRenewed(now_), IsLoaded());
  // What is in place is not put there again.
  own.SetAnchors({next.certificate});
  EXPECT_THAT(own.LoadIfRenewed(now_), testing::Not(IsLoaded()));
}

}  // namespace
}  // namespace comity
