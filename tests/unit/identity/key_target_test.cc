#include <dlfcn.h>

#include "absl/strings/match.h"
#include "node/identity/key_files.h"
#include "node/identity/private_file.h"
#include "node/identity/token_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

constexpr const char* kModule = COMITY_BINARY_DIR "/lib/fake_token.so";

// A log key in a file, and a token (tests/token/fake_token.cc).
class KeyTargetTest : public testing::Test {
 protected:
  void SetUp() override {
    void* token = dlopen(kModule, RTLD_NOW);
    ASSERT_NE(token, nullptr) << dlerror();
    reinterpret_cast<void (*)()>(dlsym(token, "FakeTokenForget"))();
    ASSERT_OK(MakePrivateDirectory(layout_.Keys()));
    for (const std::string& path : {layout_.LogKey(), layout_.TlsKey()}) {
      ASSERT_OK(keys_.WriteSigningKey(
          path, SigningKey::Generate(KeyAlgorithm::kEd25519)));
    }
  }
  static KeyTarget InToken(const std::string& module,
                           const std::string& token) {
    return {KeyTarget::Place::kToken, module, token};
  }
  // Makes a key, writes its file, and expects it to read as it was made.
  void Replace(const std::string& label, const KeyTarget& target) {
    ASSERT_OK_AND_ASSIGN(
        const NewKey next,
        keys_.MakeReplacement(layout_.LogKey(), label, target));
    ASSERT_OK(WritePrivateFile(layout_.LogKey(), next.file.Expose()));
    ASSERT_OK_AND_ASSIGN(const SigningKey read,
                         keys_.ReadSigningKey(layout_.LogKey()));
    EXPECT_EQ(read.public_key().ToDer(), next.key.public_key().ToDer());
    EXPECT_TRUE(*keys_.IsAt(layout_.LogKey(), target));
    EXPECT_TRUE(*keys_.IsAt(layout_.LogKey(), {}));
  }
  std::string File() const { return *ReadPublicFile(layout_.LogKey()); }

  TestDirectory directory_;
  const NodeLayout layout_{directory_.Path("node")};
  const KeyTarget token_ = InToken(kModule, "comity");
  const KeyTarget file_ = {KeyTarget::Place::kFile, "", ""};
  const KeyFiles keys_{layout_,
                       std::make_shared<const SecretBytes>("correct horse"),
                       std::make_shared<TokenPin>(SecretBytes("4321"))};
};

TEST_F(KeyTargetTest, AnotherKeyStaysWhereTheOneBeforeIsOrGoesWhereItIsWanted) {
  Replace("NG log 2", {});
  EXPECT_TRUE(absl::StrContains(File(), "BEGIN ENCRYPTED"));
  Replace("NG log 3", token_);
  EXPECT_EQ(File(), FormatTokenFile({kModule, "comity", "NG log 3"}));
  Replace("NG log 4", {});
  EXPECT_EQ(File(), FormatTokenFile({kModule, "comity", "NG log 4"}));
  Replace("NG log 5", file_);
  EXPECT_TRUE(absl::StrContains(File(), "BEGIN ENCRYPTED"));
}

TEST_F(KeyTargetTest, WhereAKeyIsStandsInItsFile) {
  EXPECT_TRUE(*keys_.IsAt(layout_.LogKey(), file_));
  EXPECT_FALSE(*keys_.IsAt(layout_.LogKey(), token_));
  Replace("NG log 2", token_);
  EXPECT_FALSE(*keys_.IsAt(layout_.LogKey(), file_));
  EXPECT_FALSE(*keys_.IsAt(layout_.LogKey(), InToken(kModule, "other")));
  EXPECT_FALSE(*keys_.IsAt(layout_.LogKey(), InToken("/other.so", "comity")));
}

TEST_F(KeyTargetTest, AKeyOfATokenThatACutOffCallMadeIsTaken) {
  ASSERT_OK_AND_ASSIGN(
      const NewKey first,
      keys_.MakeReplacement(layout_.LogKey(), "NG log 2", token_));
  ASSERT_OK_AND_ASSIGN(
      const NewKey second,
      keys_.MakeReplacement(layout_.LogKey(), "NG log 2", token_));
  EXPECT_EQ(first.key.public_key().ToDer(), second.key.public_key().ToDer());
}

TEST_F(KeyTargetTest, NothingIsWrittenBeforeTheTokenHasMadeTheKey) {
  const std::string before = File();
  EXPECT_THAT(keys_.MakeReplacement(layout_.LogKey(), "NG log 2",
                                    InToken(kModule, "another")),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(keys_.MakeReplacement(layout_.LogKey(), "NG log 2",
                                    InToken("fake_token.so", "comity")),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(keys_.MakeReplacement(layout_.LogKey(), "NG log 2",
                                    InToken(kModule, "two\nlines")),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(keys_.WithPin(std::make_shared<TokenPin>(SecretBytes("9999")))
                  .MakeReplacement(layout_.LogKey(), "NG log 2", token_),
              FailsWith(ErrorReason::kFieldInvalid));
  // Those that sign for logs alone.
  EXPECT_THAT(keys_.MakeReplacement(layout_.TlsKey(), "NG tls", token_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_EQ(File(), before);
}

}  // namespace
}  // namespace comity
