#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "node/crypto/aead.h"
#include "node/crypto/hash.h"
#include "node/crypto/note.h"
#include "node/crypto/passphrase_key.h"
#include "node/crypto/signature.h"
#include "tests/support/signed_note.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

std::string Hex(absl::string_view bytes) {
  return absl::BytesToHexString(bytes);
}

// FIPS 180-4's example of two blocks, cut everywhere.
TEST(Sha256StreamTest, PiecesHaveTheDigestOfTheWhole) {
  const std::string text =
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    Sha256Stream stream;
    stream.Add(absl::string_view(text).substr(0, cut));
    stream.Add(absl::string_view(text).substr(cut));
    EXPECT_EQ(Hex(stream.Finish()),
              "248d6a61d20638b8e5c026930c3e6039"
              "a33ce45964ff2167f6ecedd419db06c1");
  }
}

// RFC 4231, test cases 2 and 6, whose key is longer than a block.
TEST(HmacTest, AgreesWithRfc4231) {
  EXPECT_EQ(Hex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      Hex(HmacSha256(std::string(131, '\xaa'),
                     "Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// Computed by another implementation (Python's hmac).
TEST(HmacTest, AKeyAsLongAsABlockIsTakenAsItIs) {
  EXPECT_EQ(Hex(HmacSha256(std::string(64, 'k'), "message")),
            "890f3a16e0ca0aaa3bf180f70fa8e3970b3fd6505e98fde157988dcc19d1685c");
  EXPECT_EQ(Hex(HmacSha256(std::string(65, 'k'), "message")),
            "0c256505306af48015530c139bb7add5ad7a6a9291cd511278a067e765816fbd");
}

TEST(HashTest, PiecesHashAsTheTextThatTheyMake) {
  EXPECT_EQ(Sha256Joined({"ab", "", "c"}), Sha256("abc"));
  EXPECT_EQ(Sha256Joined({}), Sha256(""));
  EXPECT_EQ(HmacSha256Joined("key", {"mes", "sage"}),
            HmacSha256("key", "message"));
}

// RFC 5869, test case 3 (no salt, no info).
TEST(HkdfTest, AgreesWithRfc5869) {
  const SecretBytes key =
      HkdfSha256(SecretBytes(std::string(22, '\x0b')), "", 42);
  EXPECT_EQ(Hex(key.Expose()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
            "9d201395faa4b61a96c8");
}

// The passphrase and salt of RFC 7914 section 12, at our cost; computed by
// another implementation (hashlib).
TEST(PassphraseKeyTest, AgreesWithAnotherImplementationOfScrypt) {
  EXPECT_EQ(Hex(PassphraseKey(SecretBytes("pleaseletmein"), "SodiumChloride--")
                    .Expose()),
            "38da085653800a2a772069fbf8fa5a1e4b6e0bcc9a22d30acabcdb14cb442f88");
}

class AeadTest : public testing::Test {
 protected:
  SeededRandomForTest random_{1};
  SecretBytes key_{std::string(32, 'k')};
};

TEST_F(AeadTest, OpensWhatItSealed) {
  const std::string sealed = Seal(key_, "text", "case 1", random_);
  ASSERT_OK_AND_ASSIGN(std::string opened, Open(key_, sealed, "case 1"));
  EXPECT_EQ(opened, "text");
  EXPECT_EQ(sealed.size(), 4 + 28);
}

TEST_F(AeadTest, RefusesAnotherKeyContextOrByte) {
  std::string sealed = Seal(key_, "text", "case 1", random_);
  const SecretBytes other(std::string(32, 'o'));
  EXPECT_THAT(Open(other, sealed, "case 1"),
              FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_THAT(Open(key_, sealed, "case 2"),
              FailsWith(ErrorReason::kIntegrityFailure));
  sealed[14] ^= 1;
  EXPECT_THAT(Open(key_, sealed, "case 1"),
              FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_THAT(Open(key_, "short", ""),
              FailsWith(ErrorReason::kIntegrityFailure));
}

TEST(SignatureTest, BothAlgorithmsVerifyTheirOwnSignaturesOnly) {
  for (const KeyAlgorithm algorithm :
       {KeyAlgorithm::kEd25519, KeyAlgorithm::kP256}) {
    const SigningKey key = SigningKey::Generate(algorithm);
    const std::string signature = key.Sign("message");
    EXPECT_OK(key.public_key().Verify("message", signature));
    EXPECT_THAT(key.public_key().Verify("massage", signature),
                FailsWith(ErrorReason::kEvidenceInvalid));
    EXPECT_THAT(SigningKey::Generate(algorithm).public_key().Verify("message",
                                                                    signature),
                FailsWith(ErrorReason::kEvidenceInvalid));
  }
}

TEST(SignatureTest, AKeyFileOpensWithItsPassphraseOnly) {
  const SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
  const SecretBytes pass("correct horse");
  const SecretBytes pem = key.ToPem(pass);
  ASSERT_OK_AND_ASSIGN(SigningKey read,
                       SigningKey::FromPem(pem.Expose(), pass));
  EXPECT_OK(key.public_key().Verify("m", read.Sign("m")));
  EXPECT_THAT(SigningKey::FromPem(pem.Expose(), SecretBytes("wrong")),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(SigningKey::FromPem(pem.Expose(), SecretBytes()),
              FailsWith(ErrorReason::kFieldInvalid));
}

class NoteTest : public testing::Test {
 protected:
  SigningKey key_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  Checkpoint checkpoint_{"comity/NG/NE", 7, Sha256("root")};
  std::string note_ = SignCheckpoint(checkpoint_, key_);
};

TEST_F(NoteTest, ACheckpointOpensUnderItsOriginAndKeyOnly) {
  ASSERT_OK_AND_ASSIGN(Checkpoint opened, OpenCheckpoint(note_, "comity/NG/NE",
                                                         key_.public_key()));
  EXPECT_EQ(opened.size, 7u);
  EXPECT_EQ(opened.root, checkpoint_.root);
  EXPECT_THAT(OpenCheckpoint(note_, "comity/NG/ECOWAS", key_.public_key()),
              FailsWith(ErrorReason::kEvidenceInvalid));
  const SigningKey other = SigningKey::Generate(KeyAlgorithm::kEd25519);
  EXPECT_THAT(OpenCheckpoint(note_, "comity/NG/NE", other.public_key()),
              FailsWith(ErrorReason::kEvidenceInvalid));
}

TEST_F(NoteTest, RefusesControlCharactersAndAnOversizedNote) {
  EXPECT_THAT(OpenCheckpoint("a\tb\n\n", "comity/NG/NE", key_.public_key()),
              FailsWith(ErrorReason::kEvidenceInvalid));
  EXPECT_THAT(OpenCheckpoint(std::string(70000, 'a'), "comity/NG/NE",
                             key_.public_key()),
              FailsWith(ErrorReason::kEvidenceInvalid));
}

// Base64 decoders that are lenient read the same signature from many texts; a
// damaged export must not pass as whole.
TEST_F(NoteTest, RefusesASignatureInAnySecondSpelling) {
  const std::string body = note_.substr(0, note_.size() - 1);
  ASSERT_EQ(body.substr(body.size() - 1), "=");
  std::string other_bits = note_;
  char& last = other_bits[note_.find_last_not_of("=\n")];
  last = last == 'A' ? 'B' : static_cast<char>(last + 1);
  for (const std::string& text :
       {other_bits, body.substr(0, body.size() - 1) + "\n", body + "=\n",
        absl::StrReplaceAll(note_, {{"=", "."}}),
        note_.substr(0, note_.size() - 10) + " " +
            note_.substr(note_.size() - 10)}) {
    EXPECT_THAT(OpenCheckpoint(text, "comity/NG/NE", key_.public_key()),
                FailsWith(ErrorReason::kEvidenceInvalid))
        << text;
  }
}

// What only the log's owner could do: the second verifier refuses it as well.
TEST_F(NoteTest, RefusesACheckpointWithMoreLinesThanItHas) {
  const std::string body = note_.substr(0, note_.find("\n\n") + 1);
  ASSERT_OK(OpenCheckpoint(SignedNote(body, "comity/NG/NE", key_),
                           "comity/NG/NE", key_.public_key()));
  EXPECT_THAT(OpenCheckpoint(SignedNote(body + "more\n", "comity/NG/NE", key_),
                             "comity/NG/NE", key_.public_key()),
              FailsWith(ErrorReason::kEvidenceInvalid));
}

TEST_F(NoteTest, ALogProofReadsAsItWasWritten) {
  const LogProof proof{12, {Sha256("a"), Sha256("b")}, note_};
  const std::string text = FormatLogProof(proof);
  ASSERT_OK_AND_ASSIGN(LogProof read, ParseLogProof(text));
  EXPECT_EQ(read.index, 12u);
  EXPECT_EQ(read.hashes, proof.hashes);
  EXPECT_EQ(read.checkpoint, note_);
}

TEST_F(NoteTest, RefusesALogProofInAnySecondSpelling) {
  const std::string text = FormatLogProof({12, {Sha256("a")}, note_});
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{
           {"index 12", "index 012"},
           {"index 12", "index +12"},
           {"v1\n", "v2\n"},
           {"\n\n", "\n"}}) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    EXPECT_THAT(ParseLogProof(changed),
                FailsWith(ErrorReason::kEvidenceInvalid))
        << to;
  }
}

TEST(SignatureTest, AKeyIsTheSameHoweverItCame) {
  const SigningKey one = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const SigningKey other = SigningKey::Generate(KeyAlgorithm::kEd25519);
  EXPECT_EQ(*VerifyKey::FromEd25519(one.public_key().Ed25519Bytes()),
            one.public_key());
  EXPECT_NE(one.public_key(), other.public_key());
  EXPECT_NE(one.public_key(),
            SigningKey::Generate(KeyAlgorithm::kP256).public_key());
}

// A thread hashes with one context after the other.
TEST(HashTest, WhatWasKeyedBeforeLeavesNoTrace) {
  const std::string empty = HmacSha256("", "message");
  EXPECT_NE(HmacSha256("key", "message"), empty);
  EXPECT_EQ(HmacSha256("", "message"), empty);
  EXPECT_EQ(HmacSha256(absl::string_view(), "message"), empty);
  EXPECT_EQ(HmacSha256(std::string(1, '\0'), "message"), empty);
  EXPECT_EQ(Sha256("a"), Sha256("a"));
}

}  // namespace
}  // namespace comity
