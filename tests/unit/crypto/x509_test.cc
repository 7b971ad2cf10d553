#include "node/crypto/x509.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

class X509Test : public testing::Test {
 protected:
  struct Issued {
    Certificate certificate;
    SigningKey key;
  };

  Issued Issue(CertificateKind kind, const std::string& uri,
               const Issued* issuer, const std::string& domain = "",
               absl::Duration life = absl::Hours(24)) {
    SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
    const CertificateRequest request{
        kind, key.public_key(), "name", uri, "", domain, now_, now_ + life};
    auto certificate = IssueCertificate(
        request, issuer == nullptr ? nullptr : &issuer->certificate,
        issuer == nullptr ? key : issuer->key, random_);
    EXPECT_OK(certificate);
    return {*certificate, key};
  }

  absl::Time now_ = absl::FromUnixSeconds(1790000000);
  SystemRandom random_;
  Issued root_ = Issue(CertificateKind::kRoot, "", nullptr, "ng.comity");
  Issued issuing_ = Issue(CertificateKind::kIssuing, "", &root_, "ng.comity");
  Issued node_ =
      Issue(CertificateKind::kNode, "spiffe://ng.comity/node", &issuing_);
  std::vector<Certificate> anchors_ = {root_.certificate, issuing_.certificate};
};

TEST_F(X509Test, ANodeCertificateVerifiesForBothPurposes) {
  for (const ChainPurpose purpose :
       {ChainPurpose::kClient, ChainPurpose::kServer}) {
    EXPECT_OK(VerifyChain(node_.certificate, {}, anchors_, purpose,
                          now_ + absl::Hours(1)));
  }
  ASSERT_OK_AND_ASSIGN(auto uris, node_.certificate.UriNames());
  EXPECT_THAT(uris, testing::ElementsAre("spiffe://ng.comity/node"));
}

TEST_F(X509Test, AnOperatorCertificateIsNoServerCertificate) {
  const Issued op = Issue(CertificateKind::kOperator,
                          "spiffe://ng.comity/operator/A/ADMIN/x", &issuing_);
  EXPECT_OK(
      VerifyChain(op.certificate, {}, anchors_, ChainPurpose::kClient, now_));
  EXPECT_THAT(
      VerifyChain(op.certificate, {}, anchors_, ChainPurpose::kServer, now_),
      FailsWith(ErrorReason::kCertificateUnknown));
}

TEST_F(X509Test, AnExpiredCertificateIsNamedExpired) {
  EXPECT_THAT(VerifyChain(node_.certificate, {}, anchors_,
                          ChainPurpose::kClient, now_ + absl::Hours(25)),
              FailsWith(ErrorReason::kCertificateExpired));
}

TEST_F(X509Test, AnotherCountrysAnchorsDoNotVerifyItEvenWithTheRootPresented) {
  const Issued foreign = Issue(CertificateKind::kRoot, "", nullptr);
  const Issued forged =
      Issue(CertificateKind::kNode, "spiffe://ng.comity/node", &foreign);
  EXPECT_THAT(
      VerifyChain(forged.certificate, {foreign.certificate, root_.certificate},
                  anchors_, ChainPurpose::kClient, now_),
      FailsWith(ErrorReason::kCertificateUnknown));
}

TEST_F(X509Test, NameConstraintsKeepAnAuthorityInItsTrustDomain) {
  const Issued outside =
      Issue(CertificateKind::kNode, "spiffe://ne.comity/node", &issuing_);
  EXPECT_THAT(VerifyChain(outside.certificate, {}, anchors_,
                          ChainPurpose::kClient, now_),
              FailsWith(ErrorReason::kCertificateUnknown));
}

}  // namespace
}  // namespace comity
