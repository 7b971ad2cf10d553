#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "node/audit/commit_writer.h"
#include "node/store/open_store.h"
#include "tests/support/fault_injecting_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

// Commits of several partners wait for a disk that hangs.
class FairCommitsTest : public testing::Test {
 protected:
  FairCommitsTest()
      : store_(*OpenStore(directory_.Path("s.db"),
                          SecretBytes(std::string(32, 'k')), random_)) {}

  void Submit(const std::string& partner, int count) {
    for (int i = 0; i < count; ++i) {
      writer_.Submit(
          [this, partner](CommitScope&) {
            order_.push_back(partner);
            return absl::OkStatus();
          },
          [this](const auto& result) {
            result.ok() ? ++written_ : ++refused_;
            EXPECT_TRUE(result.ok() ||
                        ReasonOf(result.status()) == ErrorReason::kOverloaded);
          },
          partner);
    }
  }

  // How many commits came before the partner's first one.
  size_t Before(const std::string& partner) const {
    return static_cast<size_t>(
        std::find(order_.begin(), order_.end(), partner) - order_.begin());
  }

  TestDirectory directory_;
  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  FaultInjectingStore store_;
  LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  std::atomic<int> written_ = 0;
  std::atomic<int> refused_ = 0;
  std::vector<std::string> order_;  // by the writer's thread alone
  CommitWriter writer_{store_, signer_, clock_};
};

TEST_F(FairCommitsTest, Law12NobodyWaitsForAllThatOnePartnerBrought) {
  store_.HoldCommits(true);
  Submit("NG", 500);
  Submit("TG", 1);
  Submit("", 1);
  store_.HoldCommits(false);
  writer_.AwaitNone();
  ASSERT_EQ(written_, 502);
  // Two batches at most: the one that hung, and theirs.
  EXPECT_LE(Before("TG"), 64u);
  EXPECT_LE(Before(""), 65u);
}

TEST_F(FairCommitsTest, Law12APartnerThatIsRefusedTakesNobodyElsesPlace) {
  store_.HoldCommits(true);
  Submit("NG", 3000);
  // 512 wait, and some are in the batch that hangs.
  const int at_once = refused_;
  EXPECT_GE(at_once, 3000 - 512 - 32);
  EXPECT_LE(at_once, 3000 - 512);
  Submit("TG", 300);
  Submit("", 300);
  EXPECT_EQ(refused_, at_once);
  store_.HoldCommits(false);
  writer_.AwaitNone();
  EXPECT_EQ(refused_, at_once);
  EXPECT_EQ(written_, 3600 - at_once);
}

TEST_F(FairCommitsTest, WhatRunsIsAwaitedWithWhatWaits) {
  writer_.AwaitNone();
  Submit("NG", 200);
  Submit("TG", 200);
  writer_.AwaitNone();
  EXPECT_EQ(written_, 400);
  EXPECT_EQ(order_.size(), 400u);
}

}  // namespace
}  // namespace comity
