#include "node/audit/peer_leaves.h"

#include <limits>

#include "node/store/open_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PeerLeavesTest : public testing::Test {
 protected:
  PeerLeavesTest()
      : store_(*OpenStore(directory_.Path("s.db"),
                          SecretBytes(std::string(32, 'k')), random_)) {}

  void Note(const std::vector<uint64_t>& indices) {
    EXPECT_OK(store_->Transact([&](StoreTransaction& tx) {
      return NotePeerLeaves(tx, ng_, indices);
    }));
  }
  MissingLeaves Missing(uint64_t size, size_t limit = 100) {
    return *MissingPeerLeaves(*store_, ng_, size, limit);
  }

  const ParticipantCode ng_ = *ParticipantCode::Create("NG");
  TestDirectory directory_;
  SystemRandom random_;
  std::unique_ptr<Store> store_;
};

TEST_F(PeerLeavesTest, WhatNeverCameIsFoundAcrossPieces) {
  std::vector<uint64_t> came;
  for (uint64_t index = 0; index < 8200; ++index) {
    if (index != 0 && index != 4095 && index != 4096) came.push_back(index);
  }
  Note(came);
  const MissingLeaves missing = Missing(8200);
  EXPECT_EQ(missing.count, 3u);
  EXPECT_THAT(missing.first, ElementsAre(0u, 4095u, 4096u));
  EXPECT_THAT(Missing(8200, 2).first, ElementsAre(0u, 4095u));
  Note({0, 4095, 4096, 4096});
  EXPECT_EQ(Missing(8200).count, 0u);
  EXPECT_THAT(Missing(8201).first, ElementsAre(8200u));
}

TEST_F(PeerLeavesTest, AnotherHistoryBeginsWithNothing) {
  Note({0, 1, 5000});
  ASSERT_OK(store_->Transact(
      [&](StoreTransaction& tx) { return ForgetPeerLeaves(tx, ng_); }));
  EXPECT_EQ(Missing(5001).count, 5001u);
  EXPECT_THAT(Missing(0).first, IsEmpty());
}

// A partner signs what size it likes: the work goes by what came.
TEST_F(PeerLeavesTest, Law12ALogThatClaimsToBeEndlessCostsNoMoreThanItSent) {
  const uint64_t last = std::numeric_limits<uint64_t>::max() - 1;
  Note({0, 2, 4096, last});
  const MissingLeaves missing = Missing(last + 1, 3);
  EXPECT_EQ(missing.count, last + 1 - 4);
  EXPECT_THAT(missing.first, ElementsAre(1u, 3u, 4u));
  EXPECT_EQ(Missing(last).count, last - 3);
  EXPECT_EQ(Missing(3).count, 1u);
  ASSERT_OK(store_->Transact(
      [&](StoreTransaction& tx) { return ForgetPeerLeaves(tx, ng_); }));
  EXPECT_EQ(Missing(last + 1, 1).count, last + 1);
}

}  // namespace
}  // namespace comity
