#include "node/delivery/statements.h"

#include "node/audit/cosigned_head.h"
#include "node/audit/known_fork.h"
#include "node/crypto/hash.h"
#include "tests/support/exchanging_side.h"

namespace comity {
namespace {

using testing::IsEmpty;
using testing::StartsWith;

LogSigner Witnessing() {
  const SigningKey key = SigningKey::Generate(KeyAlgorithm::kEd25519);
  return LogSigner(key, key);
}

// Proves what its log has, and says nothing of what it signed before.
class DenyingPeer : public InProcessPartner {
 public:
  DenyingPeer(ExchangingSide& answering, const ExchangingSide& calling,
              const Clock& clock)
      : InProcessPartner(answering.code.text(), clock, answering.random),
        answering_(answering),
        calling_(calling) {}
  absl::StatusOr<CheckpointExchange> Exchange(const CheckpointExchange& theirs,
                                              absl::Duration) override {
    ++exchanges;
    return answering_.keeper.Prove(calling_.code, theirs);
  }

  int exchanges = 0;

 private:
  ExchangingSide& answering_;
  const ExchangingSide& calling_;
};

// Niger witnesses what Nigeria logs for it.
class StatementsTest : public testing::Test {
 protected:
  StatementsTest() {
    ng_.Pin(ne_, clock_.Now());
    ne_.Pin(ng_, clock_.Now());
  }
  // Nigeria logs a message, and Niger sees the head.
  std::string Show() {
    std::string note = ng_.LogFor(ne_);
    ne_.Observe(ng_, note, clock_.Now());
    return note;
  }
  // Niger asks Nigeria.
  absl::Status NigerAsks() {
    const absl::Status status =
        ne_.keeper.Exchange(ng_.code, to_ng_, absl::Seconds(1));
    ng_.Settle();
    ne_.Settle();
    return status;
  }
  // Another history of the same size, under Nigeria's key.
  std::string OtherHistory(uint64_t size) {
    return ng_.signer.Sign(log_, size, Sha256("another root"));
  }
  absl::Status SeeAtNiger(const std::string& note) {
    const auto head = ne_.checkpoints.Open(note, log_, ng_.signer.public_key());
    return ne_.writer
        .Commit([&](CommitScope& scope) {
          return ObserveHead(scope.store(), ng_.code,
                             {head->size, head->root, note}, scope.now());
        })
        .status();
  }
  KnownFork ForkAt(const ExchangingSide& side) {
    return *ReadFork(*side.store, log_);
  }

  const std::string log_ = "comity/NG/NE";
  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  ExchangingSide ng_{"NG", clock_, random_, Witnessing()};
  ExchangingSide ne_{"NE", clock_, random_, Witnessing()};
  ExchangingPeer to_ng_{ng_, ne_, clock_};
  ExchangingPeer to_ne_{ne_, ng_, clock_};
};

TEST_F(StatementsTest, ACosignatureTravelsBackAndItsAuthorKeepsIt) {
  Show();
  EXPECT_TRUE(*ne_.keeper.IsDue(ng_.code));
  ASSERT_OK(NigerAsks());
  ASSERT_OK_AND_ASSIGN(const CosignedHead kept,
                       ReadCosigned(*ng_.store, ne_.code));
  EXPECT_EQ(kept.size, 1u);
  EXPECT_EQ(kept.at, clock_.Now());
  EXPECT_OK(OpenCosigned(kept.note, log_, ng_.signer.public_key(), ne_.code,
                         ne_.signer.public_key()));
  // And it is not told over and over.
  EXPECT_FALSE(*ne_.keeper.IsDue(ng_.code));
}

TEST_F(StatementsTest, AHeadIsCosignedOnceItIsProvedAndStored) {
  Show();
  Show();
  ASSERT_OK_AND_ASSIGN(CheckpointExchange ours, ne_.keeper.Prove(ng_.code, {}));
  EXPECT_THAT(ours.cosigned_checkpoint, StartsWith("comity/NG/NE\n1\n"));
  ASSERT_OK(NigerAsks());
  ASSERT_OK_AND_ASSIGN(ours, ne_.keeper.Prove(ng_.code, {}));
  EXPECT_THAT(ours.cosigned_checkpoint, StartsWith("comity/NG/NE\n2\n"));
}

TEST_F(StatementsTest, AForkIsKeptAndToldWithinOneExchange) {
  const std::string first = Show();
  const std::string other = OtherHistory(1);
  EXPECT_THAT(SeeAtNiger(other), FailsWith(ErrorReason::kLogForked));
  EXPECT_EQ(ForkAt(ne_).held, first);
  EXPECT_EQ(ForkAt(ne_).shown, other);
  EXPECT_EQ(ForkAt(ne_).reporter, "NE");
  EXPECT_TRUE(*ne_.keeper.IsDue(ng_.code));
  ASSERT_OK(NigerAsks());
  EXPECT_EQ(ForkAt(ng_).held, first);
  EXPECT_EQ(ForkAt(ng_).shown, other);
  EXPECT_EQ(ForkAt(ng_).reporter, "NE");
  // Nothing of that log is cosigned any more.
  EXPECT_FALSE(*ne_.keeper.IsDue(ng_.code));
  ASSERT_OK_AND_ASSIGN(const CheckpointExchange ours,
                       ne_.keeper.Prove(ng_.code, {}));
  EXPECT_THAT(ours.cosigned_checkpoint, IsEmpty());
}

// It was set back to an older state, and says so itself.
TEST_F(StatementsTest, ARollBackIsKeptByBothSides) {
  ng_.LogFor(ne_);
  ng_.LogFor(ne_);
  const std::string seen = Show();
  ExchangingSide restored("NG", clock_, random_, ng_.signer);
  restored.Pin(ne_, clock_.Now());
  restored.LogFor(ne_);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(restored.keeper.Exchange(ne_.code, to_ne_, absl::Seconds(1)),
                FailsWith(ErrorReason::kLogForked));
    restored.Settle();
    EXPECT_EQ(ForkAt(restored).held, seen);
  }
  ne_.Settle();
  EXPECT_EQ(ForkAt(ne_).held, seen);
  EXPECT_EQ(ForkAt(ne_).reporter, "NG");
}

TEST_F(StatementsTest, WhoLostTheWholeLogSaysSoToo) {
  const std::string seen = Show();
  ExchangingSide restored("NG", clock_, random_, ng_.signer);
  restored.Pin(ne_, clock_.Now());
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(restored.keeper.Exchange(ne_.code, to_ne_, absl::Seconds(1)),
                FailsWith(ErrorReason::kLogForked));
    restored.Settle();
  }
  ne_.Settle();
  EXPECT_EQ(ForkAt(ne_).held, seen);
  EXPECT_THAT(ForkAt(ne_).shown, IsEmpty());
}

TEST_F(StatementsTest, WhatDoesNotHoldIsLeftOut) {
  const std::string note = Show();
  CheckpointExchange theirs;
  // Its own key is no witness of its log.
  theirs.cosigned_checkpoint =
      ng_.signer.Cosign(note, "comity/NE/witness", clock_.Now());
  // It never signed that.
  theirs.forks = {{note, ne_.signer.Sign(log_, 1, Sha256("another root"))},
                  {note, note}};
  ASSERT_OK(ng_.keeper.TakeStatements(ne_.code, theirs));
  ng_.Settle();
  EXPECT_EQ(ReadCosigned(*ng_.store, ne_.code)->size, 0u);
  EXPECT_THAT(ForkAt(ng_).log, IsEmpty());
}

// With a stolen TLS key and heads that Nigeria published.
TEST_F(StatementsTest, AProofThatDoesNotHoldBlamesNobody) {
  Show();
  Show();
  const UnprovedHead second = (*ne_.store->ReadUnproved(ng_.code, 1))[0];
  EXPECT_THAT(ne_.writer.Commit([&](CommitScope& scope) {
    return ApplyProofs(scope.store(), ng_.code, second.head,
                       {{1, 2, {Sha256("no node of that tree")}}});
  }),
              FailsWith(ErrorReason::kConsistencyUnproved));
  EXPECT_THAT(ForkAt(ne_).log, IsEmpty());
  // And it is proved as soon as Nigeria itself is asked.
  ASSERT_OK(NigerAsks());
  EXPECT_THAT(ne_.Needs(ng_).unproved_sizes, IsEmpty());
  EXPECT_EQ(ne_.Needs(ng_).proved_size, 2u);
}

// The step from two entries on tells nothing of them: it is asked once more by
// way of the third, of which no head was seen.
TEST_F(StatementsTest, AForkBehindAWholeTreeShowsByWayOfTheNextSize) {
  Show();
  const std::string held = Show();
  ASSERT_OK(NigerAsks());
  ASSERT_EQ(ne_.Needs(ng_).proved_size, 2u);
  // Another history under the same key, whose owner says nothing of it.
  ExchangingSide other("NG", clock_, random_, ng_.signer);
  other.Pin(ne_, clock_.Now());
  std::string shown;
  for (int i = 0; i < 5; ++i) shown = other.LogFor(ne_);
  ASSERT_OK(SeeAtNiger(shown));
  DenyingPeer to_other(other, ne_, clock_);
  EXPECT_THAT(ne_.keeper.Exchange(ng_.code, to_other, absl::Seconds(1)),
              FailsWith(ErrorReason::kLogForked));
  EXPECT_EQ(to_other.exchanges, 2);
  ne_.Settle();
  EXPECT_EQ(ForkAt(ne_).held, held);
  EXPECT_EQ(ForkAt(ne_).shown, shown);
}

TEST_F(StatementsTest, AProofThatComesAfterAllEndsTheSuspicion) {
  const std::string first = Show();
  const std::string second = Show();
  ASSERT_OK(ne_.writer.Commit([&](CommitScope& scope) {
    return KeepFork(scope.store(), {log_, first, second, scope.now(), "NE"});
  }));
  ASSERT_OK(NigerAsks());
  EXPECT_THAT(ForkAt(ne_).log, IsEmpty());
  EXPECT_THAT(ForkAt(ng_).log, IsEmpty());
}

// With its stolen TLS key: Nigeria itself goes on as if nothing was.
TEST_F(StatementsTest, ALossThatTheLogDisprovesIsNoForkAnyMore) {
  const std::string first = Show();
  const auto claim = [&](const std::string& held, const std::string& shown) {
    CheckpointExchange theirs;
    theirs.forks = {{held, shown}};
    ASSERT_OK(ne_.keeper.TakeStatements(ng_.code, theirs));
    ne_.Settle();
  };
  claim(first, first);
  EXPECT_THAT(ForkAt(ne_).log, IsEmpty());
  claim(first, "");
  EXPECT_EQ(ForkAt(ne_).held, first);
  const std::string second = Show();
  ASSERT_OK(NigerAsks());
  EXPECT_THAT(ForkAt(ne_).log, IsEmpty());
  claim(second, first);
  EXPECT_EQ(ForkAt(ne_).held, second);
  Show();
  ASSERT_OK(NigerAsks());
  EXPECT_THAT(ForkAt(ne_).log, IsEmpty());
  EXPECT_THAT(ForkAt(ng_).log, IsEmpty());
}

TEST_F(StatementsTest, NothingIsToldOfLogsForOthers) {
  Show();
  ng_.Observe(ne_, ne_.LogFor(ng_), clock_.Now());
  const auto told = [&] {
    return FormatExchangeRequest(*ng_.keeper.Prove(ne_.code, {}))
        .SerializeAsString();
  };
  const std::string before = told();
  ExchangingSide tg("TG", clock_, random_);
  for (int i = 0; i < 20; ++i) ng_.LogFor(tg);
  EXPECT_EQ(told(), before);
}

// Its administrator said that Nigeria's node was restored.
TEST_F(StatementsTest, BothSidesLetASettledForkGo) {
  Show();
  EXPECT_THAT(SeeAtNiger(OtherHistory(1)), FailsWith(ErrorReason::kLogForked));
  ASSERT_OK(NigerAsks());
  ASSERT_OK(ne_.writer.Commit([&](CommitScope& scope) {
    return ForgetHeads(scope.store(), ng_.code, scope.now()).status();
  }));
  EXPECT_THAT(ForkAt(ne_).log, IsEmpty());
  ASSERT_OK(NigerAsks());
  EXPECT_THAT(ForkAt(ng_).log, IsEmpty());
}

}  // namespace
}  // namespace comity
