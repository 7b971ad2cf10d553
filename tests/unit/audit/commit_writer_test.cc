#include "node/audit/commit_writer.h"

#include <atomic>

#include "node/audit/evidence.h"
#include "node/audit/log_verifier.h"
#include "node/audit/witness.h"
#include "node/crypto/hash.h"
#include "node/store/open_store.h"
#include "tests/support/fault_injecting_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

class CommitWriterTest : public testing::Test {
 protected:
  CommitWriterTest()
      : store_(*OpenStore(directory_.Path("s.db"),
                          SecretBytes(std::string(32, 'k')), random_)) {}

  // One message of NG for NE, logged; returns it with its proof.
  absl::StatusOr<Message> Send(const std::string& payload) {
    const UnprovedMessage message =
        MakeMessage(MessageKind::kCaseQuestion, ng_, ne_, NewUuid(random_),
                    std::string(32, '\0'), "T", payload, clock_.Now(), random_);
    ASSIGN_OR_RETURN(auto entries, writer_.Commit([&](CommitScope& scope) {
      return scope
          .Append("comity/NG/NE", FormatMessageLeaf(message.leaf), "opening")
          .status();
    }));
    return ProvedMessage(message, entries[0].proof);
  }

  absl::StatusOr<VerifiedMessage> Verify(Message message) {
    return VerifyMessage(std::move(message), MessageKind::kCaseQuestion, ng_,
                         ne_, signer_.public_key(), cache_);
  }

  absl::Status Observe(const PeerHead& head) {
    return store_.Transact([&](StoreTransaction& tx) {
      return ObserveHead(tx, ng_, head, clock_.Now());
    });
  }

  const ParticipantCode ng_ = *ParticipantCode::Create("NG");
  const ParticipantCode ne_ = *ParticipantCode::Create("NE");
  TestDirectory directory_;
  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  FaultInjectingStore store_;
  LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  CommitWriter writer_{store_, signer_, clock_};
  CheckpointCache cache_;
};

TEST_F(CommitWriterTest, EveryMessageCarriesAProofThatItsReceiverCanCheck) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK_AND_ASSIGN(Message message, Send("payload"));
    EXPECT_OK(Verify(message));
  }
  ASSERT_OK_AND_ASSIGN(LogVerdict verdict,
                       VerifyLog(store_, "comity/NG/NE", signer_.public_key()));
  EXPECT_OK(verdict.status);
  EXPECT_EQ(verdict.size, 20u);
}

TEST_F(CommitWriterTest, ManyThreadsShareCommitsAndLoseNothing) {
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        const auto message = Send("p");
        if (message.ok() && Verify(*message).ok()) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 200);
  EXPECT_EQ(store_.ReadLogHead("comity/NG/NE")->size, 200u);
}

// Law 1.
TEST_F(CommitWriterTest, Law1AStoreThatFailsAtTheCommitReleasesNothing) {
  store_.FailNextCommits(1);
  EXPECT_THAT(Send("secret"), FailsWith(ErrorReason::kLogUnwritable));
  EXPECT_FALSE(writer_.healthy());
  EXPECT_EQ(store_.ReadLogHead("comity/NG/NE")->size, 0u);
  EXPECT_OK(Send("later"));
  EXPECT_TRUE(writer_.healthy());
}

// Law 12: what waits for a disk that hangs is bounded, and loses nothing.
TEST_F(CommitWriterTest, Law12AFullQueueRefusesAtOnce) {
  store_.HoldCommits(true);
  std::atomic<int> written = 0;
  std::atomic<int> refused = 0;
  const auto submit = [&] {
    writer_.Submit(
        [](CommitScope& scope) {
          return scope.Append("comity/NG/NE", "leaf", "").status();
        },
        [&](const auto& result) {
          result.ok() ? ++written : ++refused;
          EXPECT_TRUE(result.ok() ||
                      ReasonOf(result.status()) == ErrorReason::kOverloaded);
        });
  };
  // 1024 wait, and up to 256 more are in the batch that hangs.
  for (int i = 0; i < 3000; ++i) submit();
  const int at_once = refused;
  EXPECT_GE(at_once, 3000 - 1024 - 256);
  EXPECT_LE(at_once, 3000 - 1024);
  store_.HoldCommits(false);
  while (written + refused < 3000) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_OK(Send("later"));
  EXPECT_EQ(refused, at_once);
  EXPECT_EQ(written, 3000 - at_once);
  EXPECT_EQ(store_.ReadLogHead("comity/NG/NE")->size,
            static_cast<uint64_t>(written + 1));
}

TEST_F(CommitWriterTest, ARefusedJobLeavesNoEntryAndHarmsNoOther) {
  EXPECT_THAT(writer_.Commit([&](CommitScope& scope) -> absl::Status {
    RETURN_IF_ERROR(scope.Append("comity/NG/NE", "leaf", "").status());
    return ReasonError(ErrorReason::kLimitReached, "stop");
  }),
              FailsWith(ErrorReason::kLimitReached));
  ASSERT_OK_AND_ASSIGN(Message message, Send("payload"));
  EXPECT_OK(Verify(message));
  EXPECT_EQ(store_.ReadLogHead("comity/NG/NE")->size, 1u);
}

TEST_F(CommitWriterTest, AnUndoneTryLeavesNoGapInTheLog) {
  ASSERT_OK_AND_ASSIGN(auto entries, writer_.Commit([&](CommitScope& scope) {
    EXPECT_FALSE(scope
                     .Try([&]() -> absl::Status {
                       EXPECT_OK(scope.Append("comity/NG/NE", "undone", ""));
                       return ReasonError(ErrorReason::kNoGrant, "stop");
                     })
                     .ok());
    return scope.Append("comity/NG/NE", "kept", "").status();
  }));
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].index, 0u);
  ASSERT_OK_AND_ASSIGN(LogVerdict verdict,
                       VerifyLog(store_, "comity/NG/NE", signer_.public_key()));
  EXPECT_OK(verdict.status);
}

TEST_F(CommitWriterTest, RefusesAMessageWhosePartsDoNotFit) {
  ASSERT_OK_AND_ASSIGN(const Message good, Send("payload"));
  Message bad = good;
  bad.payload = "another";
  EXPECT_THAT(Verify(bad), FailsWith(ErrorReason::kEvidenceInvalid));
  bad = good;
  bad.salt[0] ^= 1;
  EXPECT_THAT(Verify(bad), FailsWith(ErrorReason::kEvidenceInvalid));
  bad = good;
  bad.leaf[9] ^= 1;
  EXPECT_THAT(Verify(bad), FailsWith(ErrorReason::kEvidenceInvalid));
  bad = good;
  bad.proof = "";
  EXPECT_THAT(Verify(bad), FailsWith(ErrorReason::kEvidenceInvalid));
  EXPECT_THAT(VerifyMessage(good, MessageKind::kCaseQuestion, ng_,
                            *ParticipantCode::Create("TG"),
                            signer_.public_key(), cache_),
              FailsWith(ErrorReason::kWrongAudience));
  EXPECT_THAT(VerifyMessage(good, MessageKind::kCaseQuestion, ne_, ne_,
                            signer_.public_key(), cache_),
              FailsWith(ErrorReason::kEvidenceInvalid));
}

TEST_F(CommitWriterTest, RefusesAProofWithAWrongPathOrFromAnotherLog) {
  ASSERT_OK(Send("first"));
  ASSERT_OK_AND_ASSIGN(Message message, Send("payload"));
  ASSERT_OK_AND_ASSIGN(LogProof proof, ParseLogProof(message.proof));
  LogProof wrong = proof;
  wrong.hashes[0] = Sha256("other");
  message.proof = FormatLogProof(wrong);
  EXPECT_THAT(Verify(message), FailsWith(ErrorReason::kEvidenceInvalid));
  // The same tree under the name of the log for another partner.
  wrong = proof;
  wrong.checkpoint = signer_.Sign("comity/NG/TG", 2, Sha256("root"));
  message.proof = FormatLogProof(wrong);
  EXPECT_THAT(Verify(message), FailsWith(ErrorReason::kEvidenceInvalid));
}

TEST_F(CommitWriterTest, AHeadMustBeProvedInTenSecondsAndThenIs) {
  ASSERT_OK(Send("1"));
  ASSERT_OK_AND_ASSIGN(auto first, Verify(*Send("2")));
  ASSERT_OK(Observe(first.head));
  ASSERT_OK_AND_ASSIGN(auto second, Verify(*Send("3")));
  ASSERT_OK(Observe(second.head));
  EXPECT_OK(CheckProvedInTime(store_, ng_, clock_.Now() + absl::Seconds(10)));
  clock_.Advance(absl::Seconds(11));
  EXPECT_THAT(CheckProvedInTime(store_, ng_, clock_.Now()),
              FailsWith(ErrorReason::kConsistencyUnproved));

  ASSERT_OK_AND_ASSIGN(WitnessNeeds needs, NeedsOf(store_, ng_));
  ASSERT_OK_AND_ASSIGN(auto steps, ProveNeeds(store_, "comity/NG/NE", needs));
  ASSERT_OK(store_.Transact([&](StoreTransaction& tx) {
    return ApplyProofs(tx, ng_, second.head, steps);
  }));
  EXPECT_OK(CheckProvedInTime(store_, ng_, clock_.Now()));
  EXPECT_EQ(store_.ReadPeerHead(ng_)->size, 3u);
}

TEST_F(CommitWriterTest, TwoRootsForOneSizeAreAForkAtOnce) {
  ASSERT_OK_AND_ASSIGN(auto first, Verify(*Send("1")));
  ASSERT_OK(Observe(first.head));
  PeerHead forged = first.head;
  forged.root = Sha256("other");
  EXPECT_THAT(Observe(forged), FailsWith(ErrorReason::kLogForked));
}

// Anybody with a TLS key of the partner's can send it.
TEST_F(CommitWriterTest, AChainThatDoesNotHoldProvesNothing) {
  ASSERT_OK_AND_ASSIGN(auto first, Verify(*Send("1")));
  ASSERT_OK(Observe(first.head));
  ASSERT_OK_AND_ASSIGN(auto second, Verify(*Send("2")));
  ASSERT_OK(Observe(second.head));
  ASSERT_OK_AND_ASSIGN(auto steps, ProveNeeds(store_, "comity/NG/NE", {1, {}}));
  steps[0].hashes[0] = Sha256("other");
  EXPECT_THAT(store_.Transact([&](StoreTransaction& tx) {
    return ApplyProofs(tx, ng_, second.head, steps);
  }),
              FailsWith(ErrorReason::kConsistencyUnproved));
  EXPECT_EQ(store_.ReadPeerHead(ng_)->size, 1u);
  clock_.Advance(absl::Seconds(11));
  EXPECT_THAT(CheckProvedInTime(store_, ng_, clock_.Now()),
              FailsWith(ErrorReason::kConsistencyUnproved));
}

TEST_F(CommitWriterTest, AChainThatLeadsToAnotherOldRootIsAFork) {
  for (int i = 0; i < 3; ++i) ASSERT_OK(Send("p"));
  ASSERT_OK(Observe({3, Sha256("other"), "comity/NG/NE\n3\n"}));
  ASSERT_OK_AND_ASSIGN(auto newest, Verify(*Send("4")));
  ASSERT_OK_AND_ASSIGN(auto steps, ProveNeeds(store_, "comity/NG/NE", {3, {}}));
  EXPECT_THAT(store_.Transact([&](StoreTransaction& tx) {
    return ApplyProofs(tx, ng_, newest.head, steps);
  }),
              FailsWith(ErrorReason::kLogForked));
}

}  // namespace
}  // namespace comity
