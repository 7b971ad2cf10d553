#include "node/identity/key_files.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "node/identity/key_passphrase.h"
#include "node/identity/memory_file.h"
#include "node/identity/private_file.h"
#include "node/identity/token_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

namespace fs = std::filesystem;

// The keys of a directory, in the clear at first, and a file with their
// passphrase elsewhere.
class KeyFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("CREDENTIALS_DIRECTORY");
    ASSERT_OK(MakePrivateDirectory(layout_.Keys()));
    const KeyFiles clear(layout_);
    for (const std::string& path : signing_) {
      ASSERT_OK(clear.WriteSigningKey(
          path, SigningKey::Generate(KeyAlgorithm::kEd25519)));
    }
    for (const std::string& path : secrets_) {
      ASSERT_OK(
          clear.WriteSecret(path, SecretBytes(random_.Bytes(32)), random_));
    }
    ASSERT_OK(WritePrivateFile(file_, "correct horse battery\n"));
    before_ = Contents();
  }
  void TearDown() override { unsetenv("CREDENTIALS_DIRECTORY"); }

  static std::shared_ptr<const SecretBytes> Passphrase(
      const std::string& text) {
    return std::make_shared<const SecretBytes>(text);
  }
  KeyFiles Under(const std::string& text) const {
    return KeyFiles(layout_, Passphrase(text));
  }
  // What each file holds, byte by byte.
  std::map<std::string, std::string> Contents() const {
    std::map<std::string, std::string> contents;
    for (const auto& entry : fs::directory_iterator(layout_.Keys())) {
      contents[entry.path()] = *ReadPublicFile(entry.path());
    }
    return contents;
  }
  // The key opens and is the one of before.
  void ExpectOpens(const KeyFiles& keys, const std::string& path) const {
    if (path == layout_.StoreKey() || path == layout_.BundleKey()) {
      ASSERT_OK_AND_ASSIGN(const SecretBytes key, keys.ReadSecret(path));
      EXPECT_EQ(key.Expose(), before_.at(path));
      return;
    }
    ASSERT_OK_AND_ASSIGN(const SigningKey key, keys.ReadSigningKey(path));
    EXPECT_EQ(key.ToPem(SecretBytes()).Expose(), before_.at(path));
  }
  void ExpectAllOpen(const KeyFiles& keys) const {
    for (const std::string& path : signing_) ExpectOpens(keys, path);
    for (const std::string& path : secrets_) ExpectOpens(keys, path);
  }

  TestDirectory directory_;
  SystemRandom random_;
  const NodeLayout layout_{directory_.Path("node")};
  const std::string file_ = directory_.Path("passphrase");
  const std::vector<std::string> signing_ = {layout_.TlsKey(), layout_.LogKey(),
                                             layout_.WitnessKey(),
                                             layout_.IssuingKey()};
  const std::vector<std::string> secrets_ = {layout_.StoreKey(),
                                             layout_.BundleKey()};
  std::map<std::string, std::string> before_;
};

TEST_F(KeyFilesTest, ProtectedKeysOpenByTheirPassphraseAlone) {
  const KeyFiles keys = Under("correct horse battery");
  ASSERT_OK_AND_ASSIGN(const size_t count, keys.ProtectAll(random_));
  EXPECT_EQ(count, 6u);
  for (const auto& [path, text] : Contents()) {
    EXPECT_NE(text, before_.at(path));
    EXPECT_EQ(text.find(before_.at(path)), std::string::npos) << path;
    EXPECT_EQ(fs::status(path).permissions(), fs::perms(0600));
  }
  ExpectAllOpen(keys);
  ASSERT_OK_AND_ASSIGN(const KeyFiles opened, KeyFiles::Open(layout_, file_));
  ExpectAllOpen(opened);
  const KeyFiles other = Under("another passphrase");
  EXPECT_THAT(other.ReadSigningKey(layout_.LogKey()),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(other.ReadSecret(layout_.StoreKey()),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(KeyFiles(layout_).ReadSigningKey(layout_.LogKey()),
              FailsWith(ErrorReason::kFieldMissing));
  EXPECT_THAT(KeyFiles(layout_).ReadSecret(layout_.StoreKey()),
              FailsWith(ErrorReason::kFieldMissing));
}

TEST_F(KeyFilesTest, CutOffInTheMiddleEveryKeyOpensAndAnotherRunEndsIt) {
  const KeyFiles keys = Under("correct horse battery");
  // The store key, one of the last, cannot be written.
  fs::create_directory(layout_.StoreKey() + ".new");
  EXPECT_THAT(keys.ProtectAll(random_),
              FailsWith(ErrorReason::kStoreUnavailable));
  fs::remove(layout_.StoreKey() + ".new");
  EXPECT_EQ(Contents().at(layout_.StoreKey()), before_.at(layout_.StoreKey()));
  EXPECT_NE(Contents().at(layout_.LogKey()), before_.at(layout_.LogKey()));
  ASSERT_OK_AND_ASSIGN(const KeyFiles opened, KeyFiles::Open(layout_, file_));
  ExpectAllOpen(opened);
  // With another passphrase the rest would be lost to whoever knows one.
  const auto between = Contents();
  EXPECT_THAT(Under("another passphrase").ProtectAll(random_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_EQ(Contents(), between);
  ASSERT_OK_AND_ASSIGN(const size_t rest, opened.ProtectAll(random_));
  EXPECT_EQ(rest, 2u);
  ExpectAllOpen(keys);
  ASSERT_OK_AND_ASSIGN(const size_t none, keys.ProtectAll(random_));
  EXPECT_EQ(none, 0u);
}

TEST_F(KeyFilesTest, ChangedKeysOpenByTheNewPassphraseAlone) {
  const KeyFiles before = Under("correct horse battery");
  const KeyFiles next = Under("another passphrase");
  ASSERT_OK(before.ProtectAll(random_));
  // One that lies in the clear is protected as well.
  ASSERT_OK(WritePrivateFile(layout_.TlsKey(), before_.at(layout_.TlsKey())));
  ASSERT_OK_AND_ASSIGN(const size_t count, next.TakeOver(before, random_));
  EXPECT_EQ(count, 6u);
  ExpectAllOpen(next);
  EXPECT_THAT(before.ReadSigningKey(layout_.LogKey()),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(before.ReadSecret(layout_.StoreKey()),
              FailsWith(ErrorReason::kFieldInvalid));
  for (const auto& [path, text] : Contents()) {
    EXPECT_EQ(text.find(before_.at(path)), std::string::npos) << path;
    EXPECT_EQ(fs::status(path).permissions(), fs::perms(0600));
  }
}

// Each run is stopped one file later than the one before.
TEST_F(KeyFilesTest, AChangeStoppedAfterAnyFileClosesNoKeyAndGoesOn) {
  // Two of each kind are enough.
  fs::remove(layout_.TlsKey());
  fs::remove(layout_.WitnessKey());
  const std::vector<std::string> paths = {
      layout_.LogKey(), layout_.IssuingKey(), layout_.StoreKey(),
      layout_.BundleKey()};
  const KeyFiles before = Under("correct horse battery");
  const KeyFiles next = Under("another passphrase");
  ASSERT_OK(before.ProtectAll(random_));
  std::map<std::string, std::string> left = Contents();
  for (size_t i = 0; i < paths.size(); ++i) {
    fs::create_directory(paths[i] + ".new");
    EXPECT_THAT(next.TakeOver(before, random_),
                FailsWith(ErrorReason::kStoreUnavailable));
    fs::remove(paths[i] + ".new");
    if (i > 0) {
      ExpectOpens(next, paths[i - 1]);
      left[paths[i - 1]] = Contents().at(paths[i - 1]);
    }
    // Still under the passphrase of before, or written by a run before.
    EXPECT_EQ(Contents(), left);
  }
  ASSERT_OK_AND_ASSIGN(const size_t rest, next.TakeOver(before, random_));
  EXPECT_EQ(rest, 1u);
  ExpectOpens(next, layout_.BundleKey());
}

TEST_F(KeyFilesTest, AKeyUnderAThirdPassphraseIsNamedAndNothingIsChanged) {
  ASSERT_OK(Under("correct horse battery").ProtectAll(random_));
  const auto between = Contents();
  const absl::Status changed =
      Under("another passphrase")
          .TakeOver(Under("no such passphrase"), random_)
          .status();
  EXPECT_THAT(changed, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_NE(changed.message().find(layout_.LogKey()), std::string::npos)
      << changed;
  EXPECT_THAT(KeyFiles(layout_).TakeOver(Under("no such passphrase"), random_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_EQ(Contents(), between);
}

TEST_F(KeyFilesTest, InTheClearAgainTheyAreAsBeforeAlsoIfItWasCutOff) {
  const KeyFiles clear(layout_);
  EXPECT_FALSE(clear.AnyProtected());
  ASSERT_OK(Under("correct horse battery").ProtectAll(random_));
  EXPECT_TRUE(clear.AnyProtected());
  ASSERT_OK_AND_ASSIGN(KeyFiles opened, KeyFiles::Open(layout_, file_));
  // The store key, one of the last, cannot be written.
  fs::create_directory(layout_.StoreKey() + ".new");
  EXPECT_THAT(clear.TakeOver(opened, random_),
              FailsWith(ErrorReason::kStoreUnavailable));
  fs::remove(layout_.StoreKey() + ".new");
  EXPECT_EQ(Contents().at(layout_.LogKey()), before_.at(layout_.LogKey()));
  EXPECT_NE(Contents().at(layout_.StoreKey()), before_.at(layout_.StoreKey()));
  ASSERT_OK_AND_ASSIGN(opened, KeyFiles::Open(layout_, file_));
  ExpectAllOpen(opened);
  ASSERT_OK_AND_ASSIGN(const size_t rest, clear.TakeOver(opened, random_));
  EXPECT_EQ(rest, 2u);
  EXPECT_EQ(Contents(), before_);
  EXPECT_FALSE(clear.AnyProtected());
  ASSERT_OK_AND_ASSIGN(const size_t none, clear.TakeOver(opened, random_));
  EXPECT_EQ(none, 0u);
}

TEST_F(KeyFilesTest, AWrongPassphraseIsFoundBeforeAnythingIsWritten) {
  ASSERT_OK(Under("correct horse battery").ProtectAll(random_));
  const auto between = Contents();
  ASSERT_OK(WritePrivateFile(file_, "another passphrase"));
  EXPECT_THAT(KeyFiles::Open(layout_, file_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_EQ(Contents(), between);
}

TEST_F(KeyFilesTest, ASealedKeyIsNotTakenForAnotherOne) {
  const KeyFiles keys = Under("correct horse battery");
  ASSERT_OK(keys.ProtectAll(random_));
  std::string sealed = Contents().at(layout_.StoreKey());
  ASSERT_OK(WritePrivateFile(layout_.BundleKey(), sealed));
  EXPECT_THAT(keys.ReadSecret(layout_.BundleKey()),
              FailsWith(ErrorReason::kFieldInvalid));
  // Nor is one with a byte changed opened.
  const size_t at = sealed.find("sealed: ") + 30;
  sealed[at] = sealed[at] == 'A' ? 'B' : 'A';
  ASSERT_OK(WritePrivateFile(layout_.StoreKey(), sealed));
  EXPECT_THAT(keys.ReadSecret(layout_.StoreKey()),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(KeyFilesTest, KeysInTheClearNeedNoPassphrase) {
  ASSERT_OK_AND_ASSIGN(const KeyFiles keys,
                       KeyFiles::Open(layout_, "/nowhere/at/all"));
  EXPECT_FALSE(keys.has_passphrase());
  ExpectAllOpen(keys);
}

TEST_F(KeyFilesTest, ThePassphraseIsNeverReadFromBesideTheKeys) {
  ASSERT_OK(Under("correct horse battery").ProtectAll(random_));
  const std::string beside = layout_.directory + "/passphrase";
  ASSERT_OK(WritePrivateFile(beside, "correct horse battery"));
  EXPECT_THAT(KeyFiles::Open(layout_, beside),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(KeyFiles::Open(layout_, layout_.Keys() + "/../passphrase"),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(KeyFiles::Open(layout_, "passphrase"),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(KeyFilesTest, SystemdsCredentialComesBeforeTheFile) {
  ASSERT_OK(Under("of the credential").ProtectAll(random_));
  EXPECT_THAT(KeyFiles::Open(layout_, file_),
              FailsWith(ErrorReason::kFieldInvalid));
  const std::string given = directory_.Path("credentials");
  ASSERT_OK(MakePrivateDirectory(given));
  setenv("CREDENTIALS_DIRECTORY", given.c_str(), 1);
  // A unit may have credentials for other things.
  EXPECT_THAT(KeyFiles::Open(layout_, file_),
              FailsWith(ErrorReason::kFieldInvalid));
  const std::string credential = given + "/" + kKeyCredential;
  ASSERT_OK(WritePrivateFile(credential, "of the credential\n"));
  // Such as systemd leaves it, whose access list shows as the group's mode.
  ASSERT_EQ(chmod(credential.c_str(), 0440), 0);
  ASSERT_OK_AND_ASSIGN(const KeyFiles keys, KeyFiles::Open(layout_, file_));
  ExpectAllOpen(keys);
}

TEST_F(KeyFilesTest, AFileThatOthersReadOrThatIsNoPassphraseIsRefused) {
  for (const std::string& text :
       {std::string("too short"), std::string("of two\nlines of it"),
        std::string(1001, 'x'), std::string("")}) {
    ASSERT_OK(WritePrivateFile(file_, text));
    EXPECT_THAT(ReadKeyPassphrase(file_),
                FailsWith(ErrorReason::kFieldInvalid));
  }
  ASSERT_OK(WritePrivateFile(file_, std::string(1000, 'x')));
  EXPECT_OK(ReadKeyPassphrase(file_));
  ASSERT_EQ(chmod(file_.c_str(), 0644), 0);
  EXPECT_THAT(ReadKeyPassphrase(file_), FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(KeyFilesTest, TheLongestPassphraseOpensWhatItProtects) {
  const KeyFiles keys = Under(std::string(1000, 'x'));
  ASSERT_OK(keys.ProtectAll(random_));
  ExpectAllOpen(keys);
}

TEST(TokenFileTest, WhatIsWrittenReadsBackAndNothingElseReads) {
  const TokenKeyPlace place{"/usr/lib/token.so", "comity: 1", "NG log"};
  const std::string text = FormatTokenFile(place);
  EXPECT_TRUE(IsTokenFile(text));
  ASSERT_OK_AND_ASSIGN(const TokenKeyPlace read, ParseTokenFile(text));
  EXPECT_EQ(read.module, place.module);
  EXPECT_EQ(read.token, place.token);
  EXPECT_EQ(read.key, place.key);
  for (const std::string& other :
       {text + "\n", text.substr(0, text.size() - 1), "x" + text,
        FormatTokenFile({"/usr/lib/token.so", "two\nlines", "NG log"})}) {
    EXPECT_THAT(ParseTokenFile(other), FailsWith(ErrorReason::kFieldInvalid));
  }
}

TEST(MemoryFileTest, ItsPathLeadsToTheWholeOfWhatWasPutThereLast) {
  MemoryFile file;
  const std::string path = file.path();
  ASSERT_OK(file.Replace(std::string(100000, 'a')));
  std::ifstream reading(path, std::ios::binary);
  ASSERT_OK(file.Replace("second"));
  EXPECT_EQ(*ReadPublicFile(path), "second");
  // Who reads goes on with the one that was opened.
  const std::string first((std::istreambuf_iterator<char>(reading)),
                          std::istreambuf_iterator<char>());
  EXPECT_EQ(first, std::string(100000, 'a'));
  EXPECT_EQ(file.path(), path);
  // On no disk: it has no name.
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_nlink, 0u);
}

TEST_F(KeyFilesTest, ADirectoryThatCannotBeLookedAtIsToldOf) {
  const NodeLayout nowhere{directory_.Path(std::string(300, 'x'))};
  ASSERT_OK_AND_ASSIGN(const KeyFiles keys, KeyFiles::Open(nowhere, ""));
  EXPECT_FALSE(keys.AnyProtected());
  EXPECT_THAT(Under("correct horse battery")
                  .At(nowhere)
                  .TakeOver(KeyFiles(nowhere), random_),
              FailsWith(ErrorReason::kStoreUnavailable));
}

}  // namespace
}  // namespace comity
