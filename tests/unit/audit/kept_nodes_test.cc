#include <string>
#include <vector>

#include "node/audit/commit_writer.h"
#include "node/audit/log_verifier.h"
#include "node/audit/witness.h"
#include "node/crypto/merkle.h"
#include "node/crypto/note.h"
#include "node/store/open_store.h"
#include "tests/support/fault_injecting_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

constexpr const char* kLog = "comity/NG/NE";
// Beyond three subtrees of the lowest kept level, and no whole number of them.
constexpr uint64_t kEntries = 109;

// Of a log's tree the store keeps the upper levels; the others are made of the
// entries.
class KeptNodesTest : public testing::Test {
 protected:
  void SetUp() override {
    // In commits of 1, 2, 3... entries.
    for (uint64_t size = 1; leaves_.size() < kEntries; ++size) {
      ASSERT_OK(writer_.Commit([&](CommitScope& scope) -> absl::Status {
        for (uint64_t i = 0; i < size && leaves_.size() < kEntries; ++i) {
          leaves_.push_back(random_.Bytes(122));
          RETURN_IF_ERROR(scope.Append(kLog, leaves_.back(), "").status());
        }
        return absl::OkStatus();
      }));
    }
  }
  absl::Status AppendOne(const std::string& leaf) {
    return writer_
        .Commit([&](CommitScope& scope) {
          return scope.Append(kLog, leaf, "").status();
        })
        .status();
  }
  // Where the tree leads with one more entry, if the edge `known` were its.
  std::string RootBeside(const LogEdges& known, const std::string& leaf) {
    std::string checkpoint;
    EXPECT_FALSE(store_
                     .Transact([&](StoreTransaction& tx) -> absl::Status {
                       LogAppender log(tx, signer_, &known);
                       EXPECT_OK(log.Append(kLog, leaf, ""));
                       log.Keep();
                       EXPECT_OK(log.SignHeads());
                       checkpoint = tx.ReadLogHead(kLog)->checkpoint;
                       return ReasonError(ErrorReason::kInternal, "undo");
                     })
                     .ok());
    return OpenCheckpoint(checkpoint, kLog, signer_.public_key())->root;
  }
  std::string RootAt(uint64_t size) const {
    CompactRange range;
    for (uint64_t i = 0; i < size; ++i) range.Append(LeafHash(leaves_[i]));
    return range.Root();
  }

  TestDirectory directory_;
  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  FaultInjectingStore store_{*OpenStore(
      directory_.Path("s.db"), SecretBytes(std::string(32, 'k')), random_)};
  LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  CommitWriter writer_{store_, signer_, clock_};
  std::vector<std::string> leaves_;
};

TEST_F(KeptNodesTest, OnlySubtreesOfThirtyTwoEntriesAndMoreAreKept) {
  for (uint32_t level = 0; level < kLowestKeptLevel; ++level) {
    EXPECT_THAT(store_.ReadNode(kLog, level, 0),
                FailsWith(ErrorReason::kNotFound));
  }
  EXPECT_EQ(*store_.ReadNode(kLog, kLowestKeptLevel, 0), RootAt(32));
  EXPECT_EQ(*store_.ReadNode(kLog, kLowestKeptLevel + 1, 0), RootAt(64));
  ASSERT_OK_AND_ASSIGN(const LogVerdict verdict,
                       VerifyLog(store_, kLog, signer_.public_key()));
  EXPECT_OK(verdict.status);
  EXPECT_EQ(verdict.size, kEntries);
  EXPECT_EQ(verdict.root, RootAt(kEntries));
}

TEST_F(KeptNodesTest, EveryEntryIsProvedAndEverySizeJoined) {
  WitnessNeeds needs{1, {}};
  for (uint64_t index = 0; index < kEntries; ++index) {
    ASSERT_OK_AND_ASSIGN(const std::string text,
                         ProveEntry(store_, kLog, index));
    ASSERT_OK_AND_ASSIGN(const LogProof proof, ParseLogProof(text));
    EXPECT_OK(VerifyInclusion(LeafHash(leaves_[index]), index, kEntries,
                              proof.hashes, RootAt(kEntries)))
        << index;
    if (index > 0) needs.unproved_sizes.push_back(index + 1);
  }
  ASSERT_OK_AND_ASSIGN(const std::vector<ConsistencyStep> steps,
                       ProveNeeds(store_, kLog, needs));
  ASSERT_EQ(steps.size(), kEntries - 1);
  for (const ConsistencyStep& step : steps) {
    EXPECT_OK(VerifyConsistency(step.old_size, step.new_size,
                                RootAt(step.old_size), RootAt(step.new_size),
                                step.hashes))
        << step.new_size;
  }
}

TEST_F(KeptNodesTest, WhatIsKnownOfTheEdgeIsReadNoMoreIfItIsOfThisSize) {
  leaves_.push_back("one more");
  const std::string right = RootAt(kEntries + 1);
  EXPECT_EQ(RootBeside({}, "one more"), right);
  // 109 is odd: the new entry hangs beside the last one.
  const NodeHashes wrong = {{{0, kEntries - 1}, std::string(32, 'x')}};
  EXPECT_NE(RootBeside({{kLog, {kEntries, wrong}}}, "one more"), right);
  EXPECT_EQ(RootBeside({{kLog, {kEntries - 1, wrong}}}, "one more"), right);
  EXPECT_EQ(RootBeside({{"comity/NG", {kEntries, wrong}}}, "one more"), right);
}

// What the writer remembers is what was committed.
TEST_F(KeptNodesTest, TheEdgeIsThatOfTheLastCommitThatHeld) {
  for (int i = 0; i < 40; ++i) {
    if (i % 3 == 0) {
      store_.FailNextCommits(1);
      EXPECT_THAT(AppendOne("not written"),
                  FailsWith(ErrorReason::kLogUnwritable));
    }
    EXPECT_THAT(writer_.Commit([&](CommitScope& scope) -> absl::Status {
      RETURN_IF_ERROR(scope.Append(kLog, "undone", "").status());
      return ReasonError(ErrorReason::kLimitReached, "stop");
    }),
                FailsWith(ErrorReason::kLimitReached));
    leaves_.push_back(random_.Bytes(122));
    ASSERT_OK(AppendOne(leaves_.back()));
  }
  ASSERT_OK_AND_ASSIGN(const LogVerdict verdict,
                       VerifyLog(store_, kLog, signer_.public_key()));
  EXPECT_OK(verdict.status);
  EXPECT_EQ(verdict.root, RootAt(kEntries + 40));
}

TEST_F(KeptNodesTest, ThereIsNoSubtreePastTheEndOfTheLog) {
  const StoredNodes nodes(store_, kLog);
  EXPECT_EQ(*nodes.ReadNode(0, kEntries - 1), LeafHash(leaves_.back()));
  EXPECT_THAT(nodes.ReadNode(0, kEntries), FailsWith(ErrorReason::kNotFound));
  // Of the entries 104 to 111 the last three are not there.
  EXPECT_THAT(nodes.ReadNode(3, 13), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(nodes.ReadNode(kLowestKeptLevel, 3),
              FailsWith(ErrorReason::kNotFound));
}

}  // namespace
}  // namespace comity
