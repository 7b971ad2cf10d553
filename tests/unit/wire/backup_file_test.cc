#include "node/wire/backup_file.h"

#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::ElementsAre;

// Keeps what a backup holds: "private keys/a: bytes".
class Contents : public BackupSink {
 public:
  absl::Status Begin(const BackupEntry& entry) override {
    files_.push_back(absl::StrCat(entry.is_private ? "private " : "public ",
                                  entry.path, ": "));
    return absl::OkStatus();
  }
  absl::Status Append(absl::string_view bytes) override {
    absl::StrAppend(&files_.back(), bytes);
    return absl::OkStatus();
  }
  absl::Status End() override {
    ++ended_;
    return absl::OkStatus();
  }

  const std::vector<std::string>& files() const { return files_; }
  size_t ended() const { return ended_; }

 private:
  std::vector<std::string> files_;
  size_t ended_ = 0;
};

// Each opening takes scrypt's half second, so the damages here are samples.
class BackupFileTest : public testing::Test {
 protected:
  using Entries = std::vector<std::pair<BackupEntry, std::string>>;

  std::string FileOf(const Entries& entries) {
    std::ostringstream out;
    BackupWriter writer(out, {"NG", made_at_, random_.Bytes(16)}, passphrase_,
                        random_);
    for (auto [entry, bytes] : entries) {
      entry.size = bytes.size();
      writer.Begin(entry);
      writer.Append(bytes);
    }
    EXPECT_OK(writer.Finish(key_));
    return out.str();
  }

  absl::StatusOr<OpenedBackup> Read(const std::string& text,
                                    const SecretBytes& passphrase,
                                    Contents& contents) {
    std::istringstream in(text);
    return ReadBackup(in, passphrase, contents);
  }
  // Whether the file opens and is signed by its node.
  absl::Status Verify(const std::string& text) {
    Contents contents;
    ASSIGN_OR_RETURN(const OpenedBackup backup,
                     Read(text, passphrase_, contents));
    return VerifyBackup(backup, key_.public_key());
  }

  const absl::Time made_at_ = absl::FromUnixSeconds(1790000000);
  const SigningKey key_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const SecretBytes passphrase_{"correct horse battery"};
  SystemRandom random_;
  const Entries small_ = {{{"card.txt", 0, false}, "a card"},
                          {{"keys/empty.key", 0, true}, ""},
                          {{"keys/store.key", 0, true}, "a\nkey"}};
};

TEST_F(BackupFileTest, WhatWasWrittenIsRead) {
  const std::string text = FileOf(small_);
  Contents contents;
  ASSERT_OK_AND_ASSIGN(const OpenedBackup backup,
                       Read(text, passphrase_, contents));
  EXPECT_EQ(backup.head.participant, "NG");
  EXPECT_EQ(backup.head.made_at, made_at_);
  EXPECT_EQ(backup.size, text.size());
  EXPECT_THAT(contents.files(),
              ElementsAre("public card.txt: a card", "private keys/empty.key: ",
                          "private keys/store.key: a\nkey"));
  EXPECT_EQ(contents.ended(), 3u);
  EXPECT_OK(VerifyBackup(backup, key_.public_key()));
}

TEST_F(BackupFileTest, AStoreOfManyPiecesIsReadWhole) {
  for (const size_t size : {(size_t{1} << 20) - 18, size_t{3} << 20}) {
    const std::string store = random_.Bytes(size);
    Contents contents;
    ASSERT_OK(Read(FileOf({{{"data/store.db", 0, true}, store}}), passphrase_,
                   contents));
    EXPECT_EQ(contents.files()[0], "private data/store.db: " + store);
  }
}

TEST_F(BackupFileTest, NothingOfItIsReadableWithoutThePassphrase) {
  const std::string text = FileOf(small_);
  EXPECT_FALSE(absl::StrContains(text, "a card"));
  EXPECT_FALSE(absl::StrContains(text, "store.key"));
  Contents contents;
  EXPECT_THAT(Read(text, SecretBytes("correct horse batteri"), contents),
              FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_TRUE(contents.files().empty());
}

TEST_F(BackupFileTest, AChangedByteIsFoundWhereverItIs) {
  const std::string text = FileOf(small_);
  ASSERT_OK(Verify(text));
  for (size_t at = 3; at < text.size(); at += 23) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(Verify(damaged).ok()) << "byte " << at;
  }
}

TEST_F(BackupFileTest, ACutAndATailAreFound) {
  const std::string text = FileOf(small_);
  for (const size_t size :
       {text.size() - 1, text.size() - 64, text.size() - 65, text.size() / 2}) {
    EXPECT_FALSE(Verify(text.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(Verify(text + "x").ok());
}

TEST_F(BackupFileTest, APieceThatIsLeftOutOrMovedIsFound) {
  const size_t piece = (size_t{1} << 20) + 28 + 5;
  const std::string text =
      FileOf({{{"data/store.db", 0, true}, std::string(5 << 19, 'x')}});
  const size_t head = text.find("\n\n") + 2;
  ASSERT_GT(text.size(), head + 2 * piece);
  const std::string first = text.substr(head, piece);
  const std::string second = text.substr(head + piece, piece);
  const std::string rest = text.substr(head + 2 * piece);
  ASSERT_OK(Verify(text.substr(0, head) + first + second + rest));
  EXPECT_FALSE(Verify(text.substr(0, head) + second + first + rest).ok());
  EXPECT_FALSE(Verify(text.substr(0, head) + first + rest).ok());
  EXPECT_FALSE(Verify(text.substr(0, head) + first + first + rest).ok());
}

TEST_F(BackupFileTest, AnotherNodesSignatureDoesNotVerify) {
  Contents contents;
  ASSERT_OK_AND_ASSIGN(const OpenedBackup backup,
                       Read(FileOf(small_), passphrase_, contents));
  const SigningKey other = SigningKey::Generate(KeyAlgorithm::kEd25519);
  EXPECT_THAT(VerifyBackup(backup, other.public_key()),
              FailsWith(ErrorReason::kIntegrityFailure));
}

// Whoever knows the passphrase may write a backup; it stays in its directory.
TEST_F(BackupFileTest, APathThatLeavesTheDirectoryIsRefused) {
  for (const char* path :
       {"../keys", "/etc/passwd", "keys/../../x", "keys//x", "", ".", "a b"}) {
    EXPECT_FALSE(IsBackupPath(path)) << path;
  }
  for (const char* path : {"card.txt", "operators/amina.b/key.pem", "a/.b"}) {
    EXPECT_TRUE(IsBackupPath(path)) << path;
  }
  Contents contents;
  EXPECT_THAT(
      Read(FileOf({{{"../card.txt", 0, false}, "x"}}), passphrase_, contents),
      FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_TRUE(contents.files().empty());
}

// Readers of times and numbers are lenient; a byte that was added is found all
// the same.
TEST_F(BackupFileTest, AHeadInAnySecondSpellingIsRefused) {
  const std::string text = FileOf(small_);
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"made: 2", "made:  2"},
                                                        {"Z\n", "Z \n"},
                                                        {"-21T", "-021T"},
                                                        {"==\n\n", "=\n\n"}}) {
    ASSERT_NE(text.find(from), std::string::npos) << from;
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    EXPECT_THAT(Verify(changed), FailsWith(ErrorReason::kFieldInvalid)) << to;
  }
}

TEST_F(BackupFileTest, ASizeInASecondSpellingIsRefused) {
  for (const char* size : {"06", "+6"}) {
    std::ostringstream out;
    BackupWriter writer(out, {"NG", made_at_, random_.Bytes(16)}, passphrase_,
                        random_);
    writer.Append(absl::StrCat("public ", size, " card.txt\na card"));
    ASSERT_OK(writer.Finish(key_));
    EXPECT_THAT(Verify(out.str()), FailsWith(ErrorReason::kIntegrityFailure))
        << size;
  }
}

TEST_F(BackupFileTest, AnyOtherFileIsNoBackup) {
  for (const char* text : {"", "comity backup v1", "comity backup v2\n\n",
                           "comity participant card v1\ncode: NG\n"}) {
    EXPECT_THAT(Verify(text), FailsWith(ErrorReason::kFieldInvalid)) << text;
  }
}

}  // namespace
}  // namespace comity
