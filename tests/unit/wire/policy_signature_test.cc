#include "node/wire/policy_signature.h"

#include "node/crypto/random.h"
#include "node/crypto/signature.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

class PolicySignatureTest : public testing::Test {
 protected:
  Certificate CertificateFor(const SigningKey& key) {
    const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
    return *IssueCertificate(
        {CertificateKind::kRoot, key.public_key(), "a person", "", "", "", now,
         now + absl::Hours(24)},
        nullptr, key, random_);
  }
  operators::v1::PolicySignature Sign(const std::string& digest) {
    operators::v1::PolicySignature signature;
    signature.set_certificate_chain(certificate_.ToPem());
    signature.set_signature(key_.Sign(PolicySignatureText(digest)));
    return signature;
  }

  SystemRandom random_;
  const SigningKey key_ = SigningKey::Generate(KeyAlgorithm::kP256);
  const Certificate certificate_ = CertificateFor(key_);
  const std::string digest_ = std::string(32, 'd');
};

TEST_F(PolicySignatureTest, OneThatHoldsTellsItsCertificate) {
  ASSERT_OK_AND_ASSIGN(const std::vector<Certificate> chain,
                       CheckPolicySignature(Sign(digest_), digest_, "f"));
  ASSERT_EQ(chain.size(), 1u);
  EXPECT_EQ(chain[0].Fingerprint(), certificate_.Fingerprint());
}

TEST_F(PolicySignatureTest, OneOfAnotherTextOrKeyDoesNotHold) {
  const auto of_other_text = Sign(std::string(32, 'e'));
  EXPECT_THAT(CheckPolicySignature(of_other_text, digest_, "f"),
              FailsWith(ErrorReason::kPolicyInvalid));
  const SigningKey other = SigningKey::Generate(KeyAlgorithm::kP256);
  operators::v1::PolicySignature of_other_key = Sign(digest_);
  of_other_key.set_signature(other.Sign(PolicySignatureText(digest_)));
  EXPECT_THAT(CheckPolicySignature(of_other_key, digest_, "f"),
              FailsWith(ErrorReason::kPolicyInvalid));
}

TEST_F(PolicySignatureTest, OneWithoutACertificateDoesNotHold) {
  operators::v1::PolicySignature signature = Sign(digest_);
  signature.clear_certificate_chain();
  EXPECT_FALSE(CheckPolicySignature(signature, digest_, "f").ok());
  signature.set_certificate_chain("no certificate");
  EXPECT_FALSE(CheckPolicySignature(signature, digest_, "f").ok());
}

}  // namespace
}  // namespace comity
