#include <algorithm>
#include <fstream>

#include "absl/time/clock.h"
#include "node/audit/log_appender.h"
#include "node/audit/log_verifier.h"
#include "node/store/open_store.h"
#include "node/wire/log_export.h"
#include "node/wire/message_leaf.h"
#include "tests/proof/proof_size.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

// tests/run.sh --full takes a million.
constexpr uint64_t kUsualEntries = 20'000;
constexpr uint64_t kAtOnce = 5'000;
constexpr const char* kLog = "comity/NE/NG";
// What the issue allows for a million entries, on any machine.
constexpr absl::Duration kLongest = absl::Minutes(1);

// A log of honest entries in the store of a node.
class LongLogTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(
        store_, OpenStore(directory_.Path("store.db"), store_key_, random_));
    while (logged_ < entries_) {
      ASSERT_OK(store_->Transact([&](StoreTransaction& tx) -> absl::Status {
        LogAppender log(tx, signer_);
        const uint64_t end = std::min(entries_, logged_ + kAtOnce);
        while (logged_ < end) {
          RETURN_IF_ERROR(log.Append(kLog, NextLeaf(), "").status());
        }
        log.Keep();
        return log.SignHeads();
      }));
    }
  }

  std::string NextLeaf() {
    ++logged_;
    return FormatMessageLeaf(
        {MessageKind::kEvent,
         absl::FromUnixMillis(1790000000000 + static_cast<int64_t>(logged_)),
         self_, partner_, NewUuid(random_), std::string(32, '\0'),
         random_.Bytes(32)});
  }

  const uint64_t entries_ = SizeOf("COMITY_ENTRIES", kUsualEntries);
  const ParticipantCode self_ = *ParticipantCode::Create("NE");
  const ParticipantCode partner_ = *ParticipantCode::Create("NG");
  TestDirectory directory_;
  SystemRandom random_;
  const SecretBytes store_key_{std::string(32, 'k')};
  const LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  std::unique_ptr<Store> store_;
  uint64_t logged_ = 0;
};

TEST_F(LongLogTest, HonestEntriesVerifyWithoutAlarmInUnderAMinute) {
  absl::Time begin = absl::Now();
  ASSERT_OK_AND_ASSIGN(const LogVerdict verdict,
                       VerifyLog(*store_, kLog, signer_.public_key()));
  const absl::Duration in_store = absl::Now() - begin;
  EXPECT_OK(verdict.status);
  EXPECT_EQ(verdict.size, entries_);
  EXPECT_LT(in_store, kLongest);

  const std::string path = directory_.Path("log");
  {
    std::ofstream file(path, std::ios::binary);
    file << FormatLogExportHead(store_->ReadLogHead(kLog)->checkpoint);
    for (uint64_t at = 0; at < entries_; at += kAtOnce) {
      ASSERT_OK_AND_ASSIGN(
          const std::vector<LeafRow> rows,
          store_->ReadLeaves(kLog, at, static_cast<int>(kAtOnce), false));
      for (const LeafRow& row : rows) file << FormatLeafLine(row.leaf);
    }
  }
  std::ifstream file(path, std::ios::binary);
  begin = absl::Now();
  ASSERT_OK_AND_ASSIGN(const LogExportSummary summary,
                       VerifyLogExport(file, {self_, signer_.public_key()}));
  const absl::Duration as_file = absl::Now() - begin;
  EXPECT_EQ(summary.checkpoint.size, entries_);
  EXPECT_EQ(summary.kinds.at("EVENT"), entries_);
  EXPECT_LT(as_file, kLongest);
  std::printf("%lu entries: %.1f s in the store, %.1f s as a file\n", entries_,
              absl::ToDoubleSeconds(in_store), absl::ToDoubleSeconds(as_file));
}

}  // namespace
}  // namespace comity
