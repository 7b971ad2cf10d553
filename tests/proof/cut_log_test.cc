#include <algorithm>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/audit/log_verifier.h"
#include "node/audit/own_log.h"
#include "node/audit/witness.h"
#include "node/store/open_store.h"
#include "node/wire/envelope.h"
#include "tests/proof/proof_size.h"
#include "tests/support/file_bytes.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

// Offsets beside those around each frame; tests/run.sh --full takes every byte.
constexpr uint64_t kUsualCuts = 250;
constexpr int kBefore = 12;
constexpr int kInTheTail = 2;
constexpr size_t kJournalHeader = 32;
constexpr size_t kFrame = 24 + 4096;

// The files of a node that died after its last commit was acknowledged: twelve
// commits are in the store's file, the last two in its journal alone. Each has
// an entry in a partner log, one in the own log, and an effect.
class CutLogTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(const auto store, OpenStore(path_, key_, random_));
    CommitWriter writer(*store, signer_, clock_);
    for (int i = 0; i < kBefore; ++i) ASSERT_OK(Commit(writer));
    ASSERT_OK(store->ForgetDeleted());
    for (int i = 0; i < kInTheTail; ++i) {
      ASSERT_OK(Commit(writer));
      ends_.push_back(std::filesystem::file_size(path_ + "-wal"));
    }
    file_ = ReadBytes(path_);
    journal_ = ReadBytes(path_ + "-wal");
    ASSERT_EQ((ends_.back() - kJournalHeader) % kFrame, 0u);
    ASSERT_OK_AND_ASSIGN(const LogHead head, store->ReadLogHead(kPartnerLog));
    shown_ = head.checkpoint;
    messages_ = LeavesOf(*store, kPartnerLog);
    own_ = LeavesOf(*store, kOwnLog);
  }

  // A message to NG with its entry in the own log, and an effect.
  absl::Status Commit(CommitWriter& writer) {
    const UnprovedMessage message = MakeMessage(
        MessageKind::kEvent, self_, partner_, NewUuid(random_),
        std::string(32, '\0'), "T", "payload", clock_.Now(), random_);
    OwnEntry entry;
    entry.kind = OwnKind::kAnswered;
    entry.time = clock_.Now();
    entry.actor = "node";
    entry.subject = NewUuid(random_).ToString();
    return writer
        .Commit([&](CommitScope& scope) -> absl::Status {
          ++commits_;
          RETURN_IF_ERROR(
              scope.Append(kPartnerLog, FormatMessageLeaf(message.leaf), "")
                  .status());
          RETURN_IF_ERROR(AppendOwn(self_, entry, random_, scope).status());
          return scope.store().PutMeta("effect", absl::StrCat(commits_));
        })
        .status();
  }

  // Leaves and openings, in order.
  static std::vector<std::string> LeavesOf(const Store& store,
                                           absl::string_view log) {
    const auto rows = store.ReadLeaves(log, 0, 1000, true);
    EXPECT_OK(rows);
    std::vector<std::string> leaves;
    if (!rows.ok()) return leaves;
    for (const LeafRow& row : *rows) leaves.push_back(row.leaf + row.opening);
    return leaves;
  }

  // What opening the files says, and the store if they open.
  absl::StatusOr<std::unique_ptr<Store>> OpenOf(const std::string& file,
                                                const std::string& journal) {
    WriteStoreFiles(copy_, file, journal);
    testing::internal::CaptureStderr();
    auto store = OpenStore(copy_, key_, random_);
    said_ = testing::internal::GetCapturedStderr();
    return store;
  }

  // One log holds exactly its first `commits` entries, and they verify.
  void ExpectLog(const Store& store, absl::string_view log,
                 const std::vector<std::string>& leaves, size_t commits) {
    ASSERT_OK_AND_ASSIGN(const LogVerdict verdict,
                         VerifyLog(store, log, signer_.public_key()));
    EXPECT_OK(verdict.status);
    EXPECT_EQ(verdict.size, commits);
    EXPECT_EQ(LeavesOf(store, log),
              std::vector<std::string>(
                  leaves.begin(),
                  leaves.begin() + static_cast<std::ptrdiff_t>(commits)));
  }

  // Every commit that is whole in the first `size` bytes of the journal is
  // there, nothing of the next one, and what is left out is said.
  void ExpectCutAt(size_t size) {
    SCOPED_TRACE(testing::Message() << "journal cut at byte " << size);
    const auto whole = static_cast<size_t>(
        std::upper_bound(ends_.begin(), ends_.end(), size) - ends_.begin());
    const size_t commits = kBefore + whole;
    ASSERT_OK_AND_ASSIGN(const auto store,
                         OpenOf(file_, journal_.substr(0, size)));
    const bool between = size == 0 || size == kJournalHeader ||
                         std::count(ends_.begin(), ends_.end(), size) > 0;
    EXPECT_EQ(absl::StrContains(said_, "store_tail_cut"), !between) << said_;
    ExpectLog(*store, kPartnerLog, messages_, commits);
    ExpectLog(*store, kOwnLog, own_, commits);
    EXPECT_EQ(*store->ReadMeta("effect"), absl::StrCat(commits));
    // What was cut off without a trace, the partner that saw it can tell.
    EXPECT_EQ(*LeadsTo(*store, kPartnerLog, signer_.public_key(), shown_),
              whole == kInTheTail);
  }

  // Multiples of a step, and the bytes around each frame's begin and header.
  std::vector<size_t> Offsets(size_t size) const {
    const size_t step =
        std::max<size_t>(1, size / SizeOf("COMITY_CUTS", kUsualCuts));
    std::vector<size_t> offsets;
    for (size_t at = 0; at <= size; ++at) {
      const size_t within =
          at < kJournalHeader ? at : (at - kJournalHeader) % kFrame;
      if (at % step == 0 || within <= 1 || within == 8 || within == 16 ||
          within == 23 || within == 24 || within == kFrame - 1) {
        offsets.push_back(at);
      }
    }
    return offsets;
  }

  static constexpr const char* kPartnerLog = "comity/NE/NG";
  static constexpr const char* kOwnLog = "comity/NE";

  const ParticipantCode self_ = *ParticipantCode::Create("NE");
  const ParticipantCode partner_ = *ParticipantCode::Create("NG");
  TestDirectory directory_;
  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  const SecretBytes key_{std::string(32, 'k')};
  const LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  const std::string path_ = directory_.Path("store.db");
  const std::string copy_ = directory_.Path("copy.db");
  int commits_ = 0;
  std::string file_;
  std::string journal_;
  std::vector<size_t> ends_;  // of the commits in the journal
  std::string shown_;         // the head that the partner saw
  std::vector<std::string> messages_;
  std::vector<std::string> own_;
  std::string said_;
};

// Law 6: what is acknowledged is kept, whatever was being written when the
// power went.
TEST_F(CutLogTest, Law6CutAnywhereInItsTailTheLogKeepsEveryWholeCommit) {
  const std::vector<size_t> offsets = Offsets(journal_.size());
  for (const size_t offset : offsets) {
    ExpectCutAt(offset);
    if (HasFailure()) return;
  }
  std::printf("%zu cuts of %zu bytes\n", offsets.size(), journal_.size());
}

TEST_F(CutLogTest, ALogThatWasCutGrowsOnAndVerifies) {
  for (const size_t offset : {ends_[0] + 1, ends_[0] + 30, ends_[1] - 1}) {
    ASSERT_OK_AND_ASSIGN(const auto store,
                         OpenOf(file_, journal_.substr(0, offset)));
    {
      CommitWriter writer(*store, signer_, clock_);
      for (int i = 0; i < 20; ++i) ASSERT_OK(Commit(writer));
    }
    for (const char* log : {kPartnerLog, kOwnLog}) {
      ASSERT_OK_AND_ASSIGN(const LogVerdict verdict,
                           VerifyLog(*store, log, signer_.public_key()));
      EXPECT_OK(verdict.status);
      EXPECT_EQ(verdict.size, static_cast<uint64_t>(kBefore) + 1 + 20);
    }
  }
}

// A store at rest has nothing to mend it with: it is not opened, and the next
// entry does not stand on half a log.
TEST_F(CutLogTest, Law6AStoreWithoutItsLastPagesIsRefusedAndSaysSo) {
  {
    // Closed in order.
    const auto store = OpenOf(file_, journal_);
    ASSERT_OK(store);
  }
  const std::string at_rest = ReadBytes(copy_);
  ASSERT_OK(OpenOf(at_rest, ""));
  const size_t tail = std::min<size_t>(at_rest.size(), size_t{2} * 4096);
  const size_t step =
      std::max<size_t>(1, tail / SizeOf("COMITY_CUTS", kUsualCuts));
  for (size_t cut = 1; cut <= tail; cut += step) {
    const auto store = OpenOf(at_rest.substr(0, at_rest.size() - cut), "");
    ASSERT_THAT(store, FailsWith(ErrorReason::kIntegrityFailure)) << cut;
    EXPECT_TRUE(absl::StrContains(store.status().message(), "comity restore"));
  }
}

}  // namespace
}  // namespace comity
