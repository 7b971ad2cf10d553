#include "node/delivery/collector.h"

#include "node/delivery/collection_times.h"
#include "node/delivery/partner_rounds.h"
#include "node/store/open_store.h"
#include "tests/support/in_process_partner.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::Contains;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class OnePartner : public Peers {
 public:
  explicit OnePartner(std::shared_ptr<Peer> peer) : peer_(std::move(peer)) {}
  absl::StatusOr<std::shared_ptr<Peer>> Find(const ParticipantCode&) override {
    return peer_;
  }

 private:
  std::shared_ptr<Peer> peer_;
};

// Niger cannot be called; events of Nigeria's wait for it.
class CollectorTest : public testing::Test {
 protected:
  CollectorTest()
      : store_(*OpenStore(directory_.Path("s.db"),
                          SecretBytes(std::string(32, 'k')), random_)) {
    Pin(ng_->Card());
  }

  void Pin(const ParticipantCard& card) {
    partners_.Set(
        std::make_shared<PartnerTable>(std::vector<ParticipantCard>{card}));
  }
  CourierParts Parts() {
    return {self_,     *store_, writer_,
            partners_, peers_,  checkpoints_,
            clock_,    random_, /*outbound_only=*/true};
  }
  std::vector<Uuid> Write(int count) {
    std::vector<Uuid> written;
    for (int i = 0; i < count; ++i) written.push_back(ng_->Write(self_));
    return written;
  }

  // As the service's intake: a receipt for each, the same for a repeated one.
  std::vector<absl::StatusOr<Message>> TakeIn(std::vector<Message> events) {
    std::vector<absl::StatusOr<Message>> outcomes;
    for (const Message& event : events) outcomes.push_back(TakeOne(event));
    return outcomes;
  }
  absl::StatusOr<Message> TakeOne(const Message& event) {
    ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(event.leaf));
    const auto failing = failing_.find(leaf.request_id);
    if (failing != failing_.end()) {
      return ReasonError(failing->second, "as the test wants");
    }
    const auto given = receipts_.find(leaf.request_id);
    if (given != receipts_.end()) return given->second;
    const UnprovedMessage receipt = MakeMessage(
        MessageKind::kReceipt, self_, ng_->code(), leaf.request_id,
        LeafHash(event.leaf), kReceiptType, "a receipt", clock_.Now(), random_);
    ASSIGN_OR_RETURN(const auto entries,
                     writer_.Commit([&](CommitScope& scope) {
                       return scope
                           .Append(PartnerLogOrigin(self_, ng_->code()),
                                   FormatMessageLeaf(receipt.leaf), "")
                           .status();
                     }));
    taken_.push_back(leaf.request_id);
    return receipts_
        .emplace(leaf.request_id, ProvedMessage(receipt, entries[0].proof))
        .first->second;
  }
  MailIntake Intake() {
    return [this](const ParticipantCode&, std::vector<Message> events) {
      return TakeIn(std::move(events));
    };
  }
  // Until there is nothing to do at once, or an error.
  absl::Status CollectAll(Collector& collector) {
    while (true) {
      ASSIGN_OR_RETURN(const Collector::Collected collected,
                       collector.Round(absl::Seconds(1)));
      if (!collected.more) return absl::OkStatus();
    }
  }

  const ParticipantCode self_ = *ParticipantCode::Create("NE");
  TestDirectory directory_;
  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  std::unique_ptr<Store> store_;
  LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  CommitWriter writer_{*store_, signer_, clock_};
  CheckpointCache checkpoints_;
  PartnerTableHolder partners_;
  std::shared_ptr<InProcessPartner> ng_ =
      std::make_shared<InProcessPartner>("NG", clock_, random_);
  OnePartner peers_{ng_};
  std::map<Uuid, ErrorReason> failing_;
  std::map<Uuid, Message> receipts_;
  std::vector<Uuid> taken_;
  Collector collector_{Parts(), ng_->code(), Intake()};
};

TEST_F(CollectorTest, EventsAreTakenInOrderAndTheirReceiptsHandedOver) {
  const std::vector<Uuid> written = Write(20);
  ASSERT_OK(CollectAll(collector_));
  EXPECT_THAT(taken_, ElementsAreArray(written));
  EXPECT_EQ(ng_->mail(), 0u);
  // Three calls bring them, and one more hands over the last receipts.
  EXPECT_THAT(ng_->collections(), SizeIs(4));
}

TEST_F(CollectorTest, AnEventStaysWithThePartnerUntilItsReceiptComes) {
  Write(1);
  ASSERT_OK_AND_ASSIGN(const auto first, collector_.Round(absl::Seconds(1)));
  EXPECT_EQ(first.taken, 1);
  EXPECT_TRUE(first.more);
  EXPECT_EQ(ng_->mail(), 1u);
  ASSERT_OK_AND_ASSIGN(const auto second, collector_.Round(absl::Seconds(1)));
  EXPECT_FALSE(second.more);
  EXPECT_EQ(ng_->mail(), 0u);
}

// Lost with the events, then with the receipts.
TEST_F(CollectorTest, ALostAnswerBringsTheSameEventsAndReceiptsAgain) {
  const std::vector<Uuid> written = Write(3);
  ng_->LoseAnswers(1);
  EXPECT_THAT(collector_.Round(absl::Seconds(1)),
              FailsWith(ErrorReason::kDeadlineExceeded));
  EXPECT_THAT(taken_, IsEmpty());
  ASSERT_OK(collector_.Round(absl::Seconds(1)));
  ng_->LoseAnswers(1);
  EXPECT_THAT(collector_.Round(absl::Seconds(1)),
              FailsWith(ErrorReason::kDeadlineExceeded));
  ASSERT_OK(CollectAll(collector_));
  EXPECT_THAT(taken_, ElementsAreArray(written));
  for (const Uuid& id : written) {
    EXPECT_THAT(ng_->ReceiptsFor(id), SizeIs(1));
  }
}

// What another process, started anew, gives is the same.
TEST_F(CollectorTest, AfterARestartTheSameReceiptsAreGiven) {
  const std::vector<Uuid> written = Write(3);
  ASSERT_OK(collector_.Round(absl::Seconds(1)));
  Collector anew(Parts(), ng_->code(), Intake());
  ASSERT_OK(CollectAll(anew));
  EXPECT_THAT(taken_, ElementsAreArray(written));
  EXPECT_EQ(ng_->mail(), 0u);
}

TEST_F(CollectorTest, AnEventThatCannotBeTakenInHoldsUpNoOther) {
  const std::vector<Uuid> written = Write(20);
  failing_[written[2]] = ErrorReason::kEventTooEarly;
  EXPECT_THAT(CollectAll(collector_), FailsWith(ErrorReason::kEventTooEarly));
  EXPECT_THAT(taken_, SizeIs(19));
  EXPECT_THAT(taken_, Not(Contains(written[2])));
  EXPECT_EQ(ng_->mail(), 1u);
  // It is asked for again.
  failing_.clear();
  ASSERT_OK(CollectAll(collector_));
  EXPECT_EQ(ng_->mail(), 0u);
}

// A partner that gives nothing but what cannot be taken in is left after 64.
TEST_F(CollectorTest, EventsThatCannotBeTakenInAreNotAskedForWithoutEnd) {
  for (const Uuid& id : Write(100)) failing_[id] = ErrorReason::kInternal;
  EXPECT_THAT(CollectAll(collector_), FailsWith(ErrorReason::kInternal));
  EXPECT_THAT(ng_->collections(), SizeIs(8));
}

// It is not the events' fault, so none of them is left out.
TEST_F(CollectorTest, ANodeThatCannotWriteStopsCollecting) {
  const std::vector<Uuid> written = Write(20);
  for (const Uuid& id : written) failing_[id] = ErrorReason::kLogUnwritable;
  EXPECT_THAT(collector_.Round(absl::Seconds(1)),
              FailsWith(ErrorReason::kLogUnwritable));
  failing_.clear();
  ASSERT_OK(CollectAll(collector_));
  EXPECT_THAT(taken_, ElementsAreArray(written));
  for (const MailRequest& request : ng_->collections()) {
    EXPECT_THAT(request.held_up, IsEmpty());
  }
}

TEST_F(CollectorTest, ASlowLineIsAskedForLess) {
  Write(8);
  ng_->SlowLine(2);
  EXPECT_THAT(collector_.Round(absl::Seconds(1)),
              FailsWith(ErrorReason::kDeadlineExceeded));
  ASSERT_OK_AND_ASSIGN(const auto first, collector_.Round(absl::Seconds(1)));
  EXPECT_EQ(first.taken, 1);
  int rounds = 0;
  while (ng_->mail() > 0 && ++rounds < 50) {
    collector_.Round(absl::Seconds(1)).status().IgnoreError();
  }
  EXPECT_EQ(ng_->mail(), 0u);
}

// The rounds of one partner's thread; time is the test's.
class PartnerRoundsTest : public CollectorTest {
 protected:
  absl::StatusOr<bool> Next() { return rounds_.Next(absl::Seconds(1), now_); }
  bool HasMore() {
    const auto next = Next();
    EXPECT_OK(next);
    return next.ok() && *next;
  }
  size_t Collections() { return ng_->collections().size(); }

  absl::Time now_ = clock_.Now();
  PartnerRounds rounds_{Parts(), ng_->code(),
                        Collecting{Intake(), absl::Seconds(30)}, now_};
};

TEST_F(PartnerRoundsTest, MailIsCollectedAtTheStartAndAtEachInterval) {
  EXPECT_FALSE(HasMore());
  EXPECT_EQ(Collections(), 1u);
  now_ += absl::Seconds(29);
  EXPECT_FALSE(HasMore());
  EXPECT_EQ(Collections(), 1u);
  now_ += absl::Seconds(1);
  EXPECT_FALSE(HasMore());
  EXPECT_EQ(Collections(), 2u);
}

TEST_F(PartnerRoundsTest, WhatWaitsIsCollectedWithoutAPause) {
  Write(20);
  int rounds = 0;
  while (HasMore()) ++rounds;
  EXPECT_EQ(ng_->mail(), 0u);
  EXPECT_EQ(rounds, 3);
}

TEST_F(PartnerRoundsTest, APartnerThatIsAwayIsTriedAgain) {
  ng_->Away();
  EXPECT_THAT(Next(), FailsWith(ErrorReason::kPeerUnreachable));
  ng_->Back();
  Write(1);
  EXPECT_TRUE(HasMore());
  EXPECT_THAT(taken_, SizeIs(1));
}

TEST_F(PartnerRoundsTest, OfTwoThatCannotBeCalledNeitherTries) {
  ParticipantCard card = ng_->Card();
  card.endpoints.clear();
  Pin(card);
  EXPECT_FALSE(HasMore());
  EXPECT_EQ(Collections(), 0u);
  ASSERT_OK(writer_.Commit([](CommitScope&) { return absl::OkStatus(); }));
  EXPECT_EQ(*ReadCollected(*store_, ng_->code()), std::nullopt);
}

// Law 12.
TEST_F(PartnerRoundsTest,
       Law12APartnerThatIsNeverDoneIsAskedFiftyTimesASecond) {
  ng_->NeverDone();
  for (int i = 0; i < 200; ++i) ASSERT_OK(Next());
  EXPECT_EQ(Collections(), 50u);
  now_ += absl::Seconds(1);
  for (int i = 0; i < 200; ++i) ASSERT_OK(Next());
  EXPECT_EQ(Collections(), 100u);
}

TEST_F(PartnerRoundsTest, WhenItCollectedLastIsKeptToTenSeconds) {
  EXPECT_EQ(*ReadCollected(*store_, ng_->code()), std::nullopt);
  ASSERT_OK(Next());
  // Queued; the next commit comes after it.
  ASSERT_OK(writer_.Commit([](CommitScope&) { return absl::OkStatus(); }));
  const absl::Time first = clock_.Now();
  EXPECT_EQ(*ReadCollected(*store_, ng_->code()), first);
  clock_.Advance(absl::Seconds(9));
  now_ += absl::Seconds(30);
  ASSERT_OK(Next());
  ASSERT_OK(writer_.Commit([](CommitScope&) { return absl::OkStatus(); }));
  EXPECT_EQ(*ReadCollected(*store_, ng_->code()), first);
  clock_.Advance(absl::Seconds(1));
  now_ += absl::Seconds(30);
  ASSERT_OK(Next());
  ASSERT_OK(writer_.Commit([](CommitScope&) { return absl::OkStatus(); }));
  EXPECT_EQ(*ReadCollected(*store_, ng_->code()), clock_.Now());
}

}  // namespace
}  // namespace comity
