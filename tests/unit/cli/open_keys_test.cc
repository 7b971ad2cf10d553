#include "node/cli/open_keys.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "node/cli/issuing_authority.h"
#include "node/cli/node_init.h"
#include "node/cli/node_keys.h"
#include "node/cli/node_trust.h"
#include "node/identity/own_keys.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "node/wire/config_file.h"
#include "tests/support/meanwhile_random.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

// Nigeria's node, made with protected keys, whose configuration names the file
// with the passphrase.
class OpenKeysTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(WritePrivateFile(file_, "correct horse battery\n"));
    ASSERT_OK_AND_ASSIGN(const auto passphrase, NewKeyPassphrase(file_));
    const InitOptions options{"NG",  "Nigeria", layout_.directory, root_, "ORG",
                              false, false,     passphrase};
    ASSERT_OK(InitNode(options, now_, random_));
    ASSERT_OK_AND_ASSIGN(const std::string text,
                         ReadPublicFile(layout_.Config()));
    ASSERT_OK_AND_ASSIGN(NodeConfig config, ParseConfig(text));
    config.key_passphrase_file = file_;
    ASSERT_OK(WritePublicFile(layout_.Config(), FormatConfig(config)));
  }

  // Files of the directory that hold a private key in the clear; people's are.
  std::vector<std::string> InTheClear() const {
    const std::string mark = absl::StrCat("BEGIN ", "PRIVATE KEY");
    std::vector<std::string> found;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(layout_.directory)) {
      if (entry.is_regular_file() &&
          !absl::StartsWith(entry.path().string(), layout_.Operators()) &&
          absl::StrContains(*ReadPublicFile(entry.path()), mark)) {
        found.push_back(entry.path());
      }
    }
    return found;
  }

  TestDirectory directory_;
  SystemRandom random_;
  const absl::Time now_ = absl::FromUnixSeconds(1790000000);
  const NodeLayout layout_{directory_.Path("ng")};
  const std::string root_ = directory_.Path("root");
  const std::string file_ = directory_.Path("passphrase");
};

TEST_F(OpenKeysTest, WhatANodeIsMadeOfIsProtectedFromTheBeginning) {
  EXPECT_THAT(InTheClear(), testing::IsEmpty());
  EXPECT_NE(std::filesystem::file_size(layout_.StoreKey()), 32u);
  ASSERT_OK_AND_ASSIGN(const KeyFiles keys, OpenKeys(layout_));
  ASSERT_OK_AND_ASSIGN(const SecretBytes store,
                       keys.ReadSecret(layout_.StoreKey()));
  EXPECT_EQ(store.size(), 32u);
  EXPECT_OK(AddOperator(layout_.directory, "ORG", Role::kAuditor, "audit", now_,
                        random_));
}

TEST_F(OpenKeysTest, WhatIsRenewedStaysProtected) {
  ASSERT_OK(RenewNode(layout_.directory, now_, random_));
  ASSERT_OK(RenewIssuing(layout_.directory, root_, now_, random_));
  ASSERT_OK(RenewNode(layout_.directory, now_, random_));
  ASSERT_OK(RenewOperator(layout_.directory, "admin-1", now_, random_));
  EXPECT_THAT(InTheClear(), testing::IsEmpty());
  EXPECT_OK(IssuingAuthority::Read(layout_, now_));
}

TEST_F(OpenKeysTest, ALogKeyThatIsReplacedAndTheOneBeforeStayProtected) {
  ASSERT_OK(RotateKey(layout_.directory, root_, OwnKey::kLog));
  EXPECT_THAT(InTheClear(), testing::IsEmpty());
  ASSERT_OK_AND_ASSIGN(const KeyFiles keys, OpenKeys(layout_));
  ASSERT_OK_AND_ASSIGN(const ParticipantCard card,
                       ParseCard(*ReadPublicFile(layout_.Card())));
  ASSERT_OK_AND_ASSIGN(const OwnKeys own, ReadOwnKeys(keys, card));
  EXPECT_TRUE(own.log_beside.has_value());
  EXPECT_OK(EndKeyBefore(layout_.directory, OwnKey::kLog));
}

TEST_F(OpenKeysTest, WithAnotherPassphraseNothingIsIssuedOrChanged) {
  const std::string tls = *ReadPublicFile(layout_.TlsKey());
  const std::string issuing = *ReadPublicFile(layout_.IssuingKey());
  const std::string card = *ReadPublicFile(layout_.Card());
  ASSERT_OK(WritePrivateFile(file_, "another passphrase"));
  EXPECT_THAT(RenewNode(layout_.directory, now_, random_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(RenewIssuing(layout_.directory, root_, now_, random_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(AddOperator(layout_.directory, "ORG", Role::kAuditor, "audit",
                          now_, random_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_EQ(*ReadPublicFile(layout_.TlsKey()), tls);
  EXPECT_EQ(*ReadPublicFile(layout_.IssuingKey()), issuing);
  EXPECT_EQ(*ReadPublicFile(layout_.Card()), card);
  EXPECT_FALSE(std::filesystem::exists(layout_.Operators() + "/audit"));
}

TEST_F(OpenKeysTest, WhatIsProtectedAlreadyIsLeftAsItIs) {
  const std::string log = *ReadPublicFile(layout_.LogKey());
  ASSERT_OK_AND_ASSIGN(const auto passphrase, NewKeyPassphrase(file_));
  ASSERT_OK_AND_ASSIGN(const size_t none,
                       ProtectKeys(layout_.directory, passphrase, random_));
  EXPECT_EQ(none, 0u);
  EXPECT_EQ(*ReadPublicFile(layout_.LogKey()), log);
  EXPECT_THAT(ProtectKeys(directory_.Path("nothing"), passphrase, random_),
              FailsWith(ErrorReason::kNotFound));
}

TEST_F(OpenKeysTest, AChangedPassphraseIsTheOneThatCommandsNeedNext) {
  const std::string next = directory_.Path("next");
  ASSERT_OK(WritePrivateFile(next, "another passphrase\n"));
  ASSERT_OK_AND_ASSIGN(
      const size_t count,
      ChangeKeyPassphrase(layout_.directory, {"", next}, random_));
  EXPECT_EQ(count, 6u);
  EXPECT_THAT(RenewNode(layout_.directory, now_, random_),
              FailsWith(ErrorReason::kFieldInvalid));
  // A run that was not needed, with the passphrase of before at hand.
  ASSERT_OK_AND_ASSIGN(
      const size_t none,
      ChangeKeyPassphrase(layout_.directory, {file_, next}, random_));
  EXPECT_EQ(none, 0u);
  std::filesystem::rename(next, file_);
  EXPECT_OK(RenewNode(layout_.directory, now_, random_));
  EXPECT_THAT(InTheClear(), testing::IsEmpty());
}

TEST_F(OpenKeysTest, AChangeWithAnotherPassphraseUntilNowIsRefused) {
  const std::string next = directory_.Path("next");
  const std::string wrong = directory_.Path("wrong");
  ASSERT_OK(WritePrivateFile(next, "another passphrase"));
  ASSERT_OK(WritePrivateFile(wrong, "no such passphrase"));
  const std::string log = *ReadPublicFile(layout_.LogKey());
  const absl::Status changed =
      ChangeKeyPassphrase(layout_.directory, {wrong, next}, random_).status();
  EXPECT_THAT(changed, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_TRUE(absl::StrContains(changed.message(), layout_.LogKey()))
      << changed;
  // Nor is one changed into itself.
  EXPECT_THAT(ChangeKeyPassphrase(layout_.directory, {"", file_}, random_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(UnprotectKeys(layout_.directory, wrong, random_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_EQ(*ReadPublicFile(layout_.LogKey()), log);
}

TEST_F(OpenKeysTest, KeysInTheClearAgainNeedNoPassphrase) {
  ASSERT_OK_AND_ASSIGN(const size_t count,
                       UnprotectKeys(layout_.directory, "", random_));
  EXPECT_EQ(count, 6u);
  std::filesystem::remove(file_);
  ASSERT_OK_AND_ASSIGN(const KeyFiles keys, OpenKeys(layout_));
  EXPECT_FALSE(keys.has_passphrase());
  EXPECT_OK(RenewNode(layout_.directory, now_, random_));
  ASSERT_OK_AND_ASSIGN(const size_t none,
                       UnprotectKeys(layout_.directory, "", random_));
  EXPECT_EQ(none, 0u);
  const absl::Status changed =
      ChangeKeyPassphrase(layout_.directory, {"", file_}, random_).status();
  EXPECT_THAT(changed, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_TRUE(absl::StrContains(changed.message(), "without --change"))
      << changed;
}

// comityd would not start: one key would be under the passphrase of before.
TEST_F(OpenKeysTest, AKeyThatIsMadeWhileThePassphraseChangesIsNotWritten) {
  const std::string next = directory_.Path("next");
  ASSERT_OK(WritePrivateFile(next, "another passphrase\n"));
  MeanwhileRandom renewing([&] {
    EXPECT_OK(ChangeKeyPassphrase(layout_.directory, {"", next}, random_));
  });
  const std::string tls = *ReadPublicFile(layout_.TlsCertificate());
  EXPECT_THAT(RenewNode(layout_.directory, now_, renewing),
              FailsWith(ErrorReason::kVersionConflict));
  EXPECT_EQ(*ReadPublicFile(layout_.TlsCertificate()), tls);
  std::filesystem::rename(next, file_);
  MeanwhileRandom another_ca(
      [&] { EXPECT_OK(UnprotectKeys(layout_.directory, "", random_)); });
  EXPECT_THAT(RenewIssuing(layout_.directory, root_, now_, another_ca),
              FailsWith(ErrorReason::kVersionConflict));
  // Another run goes by what is there now, also where the store key is not.
  std::filesystem::remove(layout_.StoreKey());
  ASSERT_OK(RenewNode(layout_.directory, now_, random_));
  ASSERT_OK_AND_ASSIGN(const KeyFiles keys, OpenKeys(layout_));
  EXPECT_FALSE(keys.has_passphrase());
}

TEST_F(OpenKeysTest, NothingElseIsWrittenWhileKeysAreProtected) {
  ASSERT_OK(UnprotectKeys(layout_.directory, "", random_));
  ASSERT_OK_AND_ASSIGN(const auto passphrase, NewKeyPassphrase(file_));
  bool kept = false;
  MeanwhileRandom random([&] {
    const int fd = open(layout_.Certificates().c_str(), O_RDONLY | O_CLOEXEC);
    kept = flock(fd, LOCK_EX | LOCK_NB) != 0;
    close(fd);
  });
  EXPECT_OK(ProtectKeys(layout_.directory, passphrase, random));
  EXPECT_TRUE(kept);
}

}  // namespace
}  // namespace comity
