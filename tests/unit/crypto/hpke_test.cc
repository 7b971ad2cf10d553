#include "node/crypto/hpke.h"

#include "absl/strings/escaping.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// Gives the bytes that a vector names as the ephemeral private key.
class FixedBytes : public RandomSource {
 public:
  explicit FixedBytes(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string Bytes(size_t count) override {
    EXPECT_EQ(count, bytes_.size());
    return bytes_;
  }

 private:
  const std::string bytes_;
};

const std::string kInfo = "Ode on a Grecian Urn";
const std::string kPlaintext = "Beauty is truth, truth beauty";
const std::string kAssociatedData = "Count-0";

std::string Hex(absl::string_view text) { return absl::HexStringToBytes(text); }

// RFC 9180 appendix A.1.1: X25519, HKDF-SHA256, AES-128-GCM, base mode.
constexpr const char* kEphemeral =
    "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736";
constexpr const char* kRecipient =
    "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8";
constexpr const char* kRecipientPublic =
    "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d";
constexpr const char* kSealed =
    "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
    "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9"
    "6d8770ac83d07bea87e13c512a";

TEST(HpkeTest, SealsAsRfc9180AppendixA11) {
  FixedBytes random(Hex(kEphemeral));
  EXPECT_EQ(*HpkeSeal(Hex(kRecipientPublic), kInfo, kAssociatedData, kPlaintext,
                      random, HpkeAead::kAes128Gcm),
            Hex(kSealed));
}

TEST(HpkeTest, OpensAsRfc9180AppendixA11) {
  const SecretBytes key(Hex(kRecipient));
  EXPECT_EQ(HpkePublicKey(key), Hex(kRecipientPublic));
  EXPECT_EQ(*HpkeOpen(key, kInfo, kAssociatedData, Hex(kSealed),
                      HpkeAead::kAes128Gcm),
            kPlaintext);
}

// The suite that the node uses; the RFC has no vector of it. From BoringSSL's
// hpke_test_vectors.txt (mode 0, KEM 32, KDF 1, AEAD 2), as tink-cc
// tink/hybrid/internal/hpke_test_util.cc quotes it.
TEST(HpkeTest, SealsAes256GcmAsBoringSsl) {
  FixedBytes random(
      Hex("28e212563a8b6f068af7ff17400ff1baf23612b7a738bbaf5dfb321b2b5b431a"));
  const auto sealed = HpkeSeal(
      Hex("ac66bae9ffa270cf4a89ed9f274e30c0456babae2572aaaf002ff0d8884ab018"),
      kInfo, kAssociatedData, kPlaintext, random);
  EXPECT_EQ(absl::BytesToHexString(sealed->substr(kHpkeKeySize)),
            "23ded2d5d90ea89d975dac4792b297240f194952d7421aacbff0474100052b6b"
            "b8aa58d18ef6c42b6960e2e28f");
}

class SealedMessageTest : public testing::Test {
 protected:
  SystemRandom random_;
  const SecretBytes key_ = NewHpkeKey(random_);
  const std::string sealed_ =
      *HpkeSeal(HpkePublicKey(key_), "context", "header", "message", random_);
};

TEST_F(SealedMessageTest, OpensForItsRecipientOnly) {
  EXPECT_EQ(*HpkeOpen(key_, "context", "header", sealed_), "message");
  EXPECT_THAT(HpkeOpen(NewHpkeKey(random_), "context", "header", sealed_),
              FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_THAT(HpkeOpen(key_, "other", "header", sealed_),
              FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_THAT(HpkeOpen(key_, "context", "other", sealed_),
              FailsWith(ErrorReason::kIntegrityFailure));
}

TEST_F(SealedMessageTest, RefusesEveryChangedByteAndEveryLength) {
  for (size_t i = 0; i < sealed_.size(); ++i) {
    std::string changed = sealed_;
    // Bit 6, since X25519 ignores the highest bit of a public key.
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    EXPECT_THAT(HpkeOpen(key_, "context", "header", changed),
                FailsWith(ErrorReason::kIntegrityFailure))
        << i;
    EXPECT_THAT(HpkeOpen(key_, "context", "header", sealed_.substr(0, i)),
                FailsWith(ErrorReason::kIntegrityFailure));
  }
}

TEST_F(SealedMessageTest, RefusesAPublicKeyThatIsNone) {
  EXPECT_THAT(HpkeSeal("short", "", "", "message", random_),
              FailsWith(ErrorReason::kFieldInvalid));
  // A point of small order: every secret shared with it is zero.
  EXPECT_THAT(HpkeSeal(std::string(32, '\0'), "", "", "message", random_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(HpkeOpen(key_, "", "", std::string(64, '\0')),
              FailsWith(ErrorReason::kIntegrityFailure));
}

// And nobody else: another key leads elsewhere.
TEST(HpkeTest, TwoOwnersShareOneKey) {
  SystemRandom random;
  const SecretBytes one = NewHpkeKey(random);
  const SecretBytes two = NewHpkeKey(random);
  const auto here = SharedKey(one, HpkePublicKey(two));
  const auto there = SharedKey(two, HpkePublicKey(one));
  ASSERT_OK(here);
  ASSERT_OK(there);
  EXPECT_EQ(here->Expose().size(), 32u);
  EXPECT_EQ(here->Expose(), there->Expose());
  const auto other = SharedKey(NewHpkeKey(random), HpkePublicKey(two));
  ASSERT_OK(other);
  EXPECT_NE(here->Expose(), other->Expose());
  EXPECT_THAT(SharedKey(one, "short"), FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(SharedKey(one, std::string(kHpkeKeySize, '\0')),
              FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
