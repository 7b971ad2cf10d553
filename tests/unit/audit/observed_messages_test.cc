#include "node/audit/observed_messages.h"

#include "node/audit/commit_writer.h"
#include "node/audit/peer_leaves.h"
#include "node/audit/witness.h"
#include "node/crypto/hash.h"
#include "node/store/open_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ObservedMessagesTest : public testing::Test {
 protected:
  ObservedMessagesTest()
      : store_(*OpenStore(directory_.Path("s.db"),
                          SecretBytes(std::string(32, 'k')), random_)) {}

  // A message of NG at `index`, under the head of `size`.
  VerifiedMessage At(uint64_t index, uint64_t size,
                     const std::string& history = "") {
    return VerifiedMessage{Message(),
                           MessageLeaf{MessageKind::kCaseQuestion, now_, ng_,
                                       *ParticipantCode::Create("NE")},
                           "", PeerHead{size, Sha256(history), "note"}, index};
  }
  // In one transaction.
  template <typename F>
  void Observe(const F& body) {
    ASSERT_OK(store_->Transact([&](StoreTransaction& tx) -> absl::Status {
      ObservedMessages observed(tx);
      body(observed, tx);
      return observed.Write();
    }));
  }
  std::vector<uint64_t> Missing(uint64_t size) {
    return MissingPeerLeaves(*store_, ng_, size, 100)->first;
  }

  const absl::Time now_ = absl::FromUnixSeconds(1790000000);
  const ParticipantCode ng_ = *ParticipantCode::Create("NG");
  TestDirectory directory_;
  SystemRandom random_;
  FakeClock clock_{now_};
  std::unique_ptr<Store> store_;
};

TEST_F(ObservedMessagesTest, PlacesAreWrittenOnceForAllMessages) {
  Observe([&](ObservedMessages& observed, StoreTransaction& tx) {
    for (const uint64_t index : {5000u, 0u, 2u, 2u}) {
      EXPECT_OK(observed.Observe(ng_, At(index, 5001), now_));
    }
    EXPECT_EQ(MissingPeerLeaves(tx, ng_, 5001, 1)->count, 5001u);
  });
  EXPECT_EQ(MissingPeerLeaves(*store_, ng_, 5001, 1)->count, 4998u);
  EXPECT_THAT(Missing(3), ElementsAre(1u));
}

TEST_F(ObservedMessagesTest, EachHeadIsKeptAndTwoRootsOfOneSizeAreAFork) {
  Observe([&](ObservedMessages& observed, StoreTransaction&) {
    EXPECT_OK(observed.Observe(ng_, At(0, 1), now_));
    EXPECT_OK(observed.Observe(ng_, At(1, 3), now_));
    EXPECT_OK(observed.Observe(ng_, At(2, 3), now_));
    EXPECT_THAT(observed.Observe(ng_, At(2, 3, "other"), now_),
                FailsWith(ErrorReason::kLogForked));
  });
  EXPECT_EQ(store_->ReadPeerHead(ng_)->size, 1u);
  const auto unproved = *store_->ReadUnproved(ng_, 9);
  ASSERT_THAT(unproved, SizeIs(1));
  EXPECT_EQ(unproved[0].head.size, 3u);
  EXPECT_THAT(Missing(3), IsEmpty());
}

// The store undoes what a refused commit wrote; so is what it noted.
TEST_F(ObservedMessagesTest, ARefusedCommitNotesNothing) {
  LogSigner signer{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  CommitWriter writer(*store_, signer, clock_);
  ASSERT_OK(writer.Commit(
      [&](CommitScope& scope) { return scope.Observe(ng_, At(0, 1)); }));
  const auto observed_in_vain = [&](CommitScope& scope) -> absl::Status {
    EXPECT_OK(scope.Observe(ng_, At(1, 4)));
    return ReasonError(ErrorReason::kLimitReached, "stop");
  };
  EXPECT_THAT(writer.Commit(observed_in_vain),
              FailsWith(ErrorReason::kLimitReached));
  EXPECT_THAT(*store_->ReadUnproved(ng_, 9), IsEmpty());
  // The same within a commit that goes on.
  ASSERT_OK(writer.Commit([&](CommitScope& scope) {
    EXPECT_THAT(scope.Try([&] { return observed_in_vain(scope); }),
                FailsWith(ErrorReason::kLimitReached));
    return scope.Observe(ng_, At(2, 4));
  }));
  EXPECT_THAT(*store_->ReadUnproved(ng_, 9), SizeIs(1));
  EXPECT_THAT(Missing(4), ElementsAre(1u, 3u));
}

TEST_F(ObservedMessagesTest, WhatCameBeforeAnotherHistoryCountsNoMore) {
  Observe([&](ObservedMessages& observed, StoreTransaction&) {
    EXPECT_OK(observed.Observe(ng_, At(0, 2), now_));
  });
  Observe([&](ObservedMessages& observed, StoreTransaction& tx) {
    EXPECT_OK(observed.Observe(ng_, At(1, 2), now_));
    EXPECT_OK(ForgetHeads(tx, ng_, now_));
    observed.Forget(ng_);
    EXPECT_OK(observed.Observe(ng_, At(2, 3, "after"), now_));
  });
  EXPECT_EQ(store_->ReadPeerHead(ng_)->root, Sha256("after"));
  EXPECT_THAT(Missing(3), ElementsAre(0u, 1u));
}

}  // namespace
}  // namespace comity
