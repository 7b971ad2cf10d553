#include "node/store/sqlite/journal.h"

#include <filesystem>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "node/store/open_store.h"
#include "tests/support/file_bytes.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::HasSubstr;
using testing::Not;

// The files of a store that died after three commits, and copies of them.
class JournalTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto store = Open(path_);
    ASSERT_OK(store);
    // What came before is in the store's own file, the journal is empty.
    ASSERT_OK((*store)->ForgetDeleted());
    at_rest_ = ReadBytes(path_);
    for (int i = 1; i <= 3; ++i) {
      ASSERT_OK((*store)->Transact([i](StoreTransaction& tx) {
        return tx.PutMeta(absl::StrCat("commit ", i), std::string(3000, 'x'));
      }));
      ends_.push_back(std::filesystem::file_size(path_ + "-wal"));
    }
    file_ = ReadBytes(path_);
    journal_ = ReadBytes(path_ + "-wal");
  }

  absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& path) {
    return OpenStore(path, key_, random_);
  }
  // A store of these bytes.
  absl::StatusOr<std::unique_ptr<Store>> OpenOf(const std::string& file,
                                                const std::string& journal) {
    WriteStoreFiles(copy_, file, journal);
    return Open(copy_);
  }
  // How many of the three commits it has.
  static int CommitsIn(const Store& store) {
    int commits = 0;
    while (!store.ReadMeta(absl::StrCat("commit ", commits + 1))->empty()) {
      ++commits;
    }
    return commits;
  }
  static Journal Read(const std::string& bytes) {
    std::istringstream file(bytes);
    return ReadJournal(file);
  }
  // The journal with one bit of a commit's first page changed.
  std::string Damaged(size_t commit) const {
    std::string damaged = journal_;
    const size_t begin = commit == 0 ? 32 : ends_[commit - 1];
    damaged[begin + 24 + 100] ^= 1;
    return damaged;
  }

  TestDirectory directory_;
  SystemRandom random_;
  const SecretBytes key_{std::string(32, 'k')};
  const std::string path_ = directory_.Path("store.db");
  const std::string copy_ = directory_.Path("copy.db");
  std::string at_rest_;
  std::string file_;
  std::string journal_;
  std::vector<size_t> ends_;
};

TEST_F(JournalTest, AWholeOneIsReadToItsEnd) {
  const Journal journal = Read(journal_);
  EXPECT_EQ(journal.commits, 3u);
  EXPECT_EQ(journal.whole_bytes, journal_.size());
  EXPECT_EQ(journal.cut_bytes, 0u);
  EXPECT_FALSE(journal.lost_commits);
  EXPECT_FALSE(journal.pages.empty());
  EXPECT_EQ(Read("").whole_bytes, 0u);
}

TEST_F(JournalTest, FramesOfAnEarlierRoundAreNoCut) {
  const std::string path = directory_.Path("other.db");
  ASSERT_OK_AND_ASSIGN(const auto database, SqliteDatabase::Open(path, false));
  ASSERT_OK(
      database->Execute("CREATE TABLE t (x BLOB);"
                        "INSERT INTO t VALUES (zeroblob(50000));"
                        "PRAGMA wal_checkpoint(RESTART);"
                        "INSERT INTO t VALUES (x'01');"));
  const std::string bytes = ReadBytes(path + "-wal");
  const Journal journal = Read(bytes);
  EXPECT_EQ(journal.commits, 1u);
  EXPECT_LT(journal.whole_bytes, bytes.size());
  EXPECT_EQ(journal.cut_bytes, 0u);
  EXPECT_FALSE(journal.lost_commits);
}

TEST_F(JournalTest, TheLastCommitMayBeTornAndTheNodeSaysSo) {
  const Journal journal = Read(Damaged(2));
  EXPECT_EQ(journal.commits, 2u);
  EXPECT_EQ(journal.cut_bytes, journal_.size() - ends_[1]);
  EXPECT_FALSE(journal.lost_commits);
  testing::internal::CaptureStderr();
  const auto store = OpenOf(file_, Damaged(2));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr(absl::StrCat("store_tail_cut\",\"commits_kept\":2,"
                                     "\"bytes_left_out\":",
                                     journal.cut_bytes)));
  ASSERT_OK(store);
  EXPECT_EQ(CommitsIn(**store), 2);
}

TEST_F(JournalTest, OfAWholeStoreNothingIsSaid) {
  testing::internal::CaptureStderr();
  const auto store = OpenOf(file_, journal_);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              Not(HasSubstr("store_tail_cut")));
  ASSERT_OK(store);
  EXPECT_EQ(CommitsIn(**store), 3);
}

// SQLite would leave out what was acknowledged, and go on.
TEST_F(JournalTest, ADurableCommitThatDoesNotReadIsNoTornTail) {
  for (const size_t commit : {size_t{0}, size_t{1}}) {
    EXPECT_TRUE(Read(Damaged(commit)).lost_commits) << commit;
    EXPECT_THAT(OpenOf(file_, Damaged(commit)),
                FailsWith(ErrorReason::kIntegrityFailure))
        << commit;
  }
  std::string other_round = journal_;
  other_round[32 + 8] ^= 1;
  EXPECT_TRUE(Read(other_round).lost_commits);
}

TEST_F(JournalTest, AJournalThatDoesNotBeginAsOneIsSaidToBeLeftOut) {
  std::string damaged = journal_;
  damaged[12] ^= 1;
  EXPECT_EQ(Read(damaged).commits, 0u);
  EXPECT_EQ(Read(damaged).cut_bytes, damaged.size());
}

TEST_F(JournalTest, AStoreWithoutItsLastPagesIsNotOpened) {
  ASSERT_OK(OpenOf(at_rest_, ""));
  for (const size_t cut :
       std::vector<size_t>{1, 100, 4095, 4096, 4097, 3 * 4096}) {
    EXPECT_THAT(OpenOf(at_rest_.substr(0, at_rest_.size() - cut), ""),
                FailsWith(ErrorReason::kIntegrityFailure))
        << cut;
  }
}

// A store that grew: most of its pages stand in the journal still.
TEST_F(JournalTest, PagesThatTheJournalHoldsAreNotMissed) {
  const std::string path = directory_.Path("new.db");
  ASSERT_OK_AND_ASSIGN(const auto store, Open(path));
  const std::string larger(2 * std::filesystem::file_size(path), 'x');
  ASSERT_OK(store->Transact(
      [&](StoreTransaction& tx) { return tx.PutMeta("larger", larger); }));
  const std::string file = ReadBytes(path);
  const std::string journal = ReadBytes(path + "-wal");
  ASSERT_LT(file.size(), journal.size());
  EXPECT_OK(OpenOf(file, journal));
  // SQLite would make a new store, and delete the journal.
  EXPECT_THAT(OpenOf("", journal), FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_EQ(ReadBytes(copy_ + "-wal").size(), journal.size());
}

}  // namespace
}  // namespace comity
