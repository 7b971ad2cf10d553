#include "node/crypto/x509.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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

// The algorithm of the key (id-ecPublicKey) becomes one that nobody knows.
TEST_F(X509Test, ACertificateWhoseKeyCannotBeReadIsRefused) {
  const std::string pem = node_.certificate.ToPem();
  ASSERT_OK(Certificate::FromPem(pem));
  std::string body;
  for (const absl::string_view line : absl::StrSplit(pem, '\n')) {
    if (!absl::StartsWith(line, "-")) absl::StrAppend(&body, line);
  }
  std::string der;
  ASSERT_TRUE(absl::Base64Unescape(body, &der));
  const size_t at = der.find("\x2a\x86\x48\xce\x3d\x02\x01");
  ASSERT_NE(at, std::string::npos);
  der[at + 6] = 0x7f;
  const std::string odd =
      absl::StrCat("-----BEGIN CERTIFICATE-----\n", absl::Base64Escape(der),
                   "\n-----END CERTIFICATE-----\n");
  EXPECT_THAT(Certificate::FromPem(odd), FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(Certificate::ListFromPem(pem + odd),
              FailsWith(ErrorReason::kFieldInvalid));
}

// Nobody is asked for the passphrase that a stranger's file wants.
TEST_F(X509Test, AnEncryptedCertificateIsRefusedWithoutAsking) {
  std::string pem = node_.certificate.ToPem();
  pem.insert(pem.find('\n') + 1,
             "Proc-Type: 4,ENCRYPTED\n"
             "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n");
  testing::internal::CaptureStderr();
  const auto read = Certificate::FromPem(pem);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(read, FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
