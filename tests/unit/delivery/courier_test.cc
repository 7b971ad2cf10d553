#include "node/delivery/courier.h"

#include <atomic>

#include "node/delivery/courier_service.h"
#include "node/store/open_store.h"
#include "tests/support/in_process_partner.h"
#include "tests/support/scripted_departures.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::SizeIs;

// The partners of one node, in process.
class InProcessPartners : public Peers {
 public:
  void Add(std::shared_ptr<InProcessPartner> partner) {
    looks_[partner->code()] = 0;
    partners_[partner->code()] = std::move(partner);
  }
  absl::StatusOr<std::shared_ptr<Peer>> Find(
      const ParticipantCode& code) override {
    ++looks_.at(code);
    return partners_.at(code);
  }
  // How often somebody wanted to call it.
  int looks(const ParticipantCode& code) const { return looks_.at(code); }

 private:
  std::map<ParticipantCode, std::atomic<int>> looks_;
  std::map<ParticipantCode, std::shared_ptr<InProcessPartner>> partners_;
};

// Niger has referrals for Nigeria and Togo in its outbox.
class CourierTest : public testing::Test {
 protected:
  CourierTest()
      : store_(*OpenStore(directory_.Path("s.db"),
                          SecretBytes(std::string(32, 'k')), random_)) {
    partners_.Set(std::make_shared<PartnerTable>(
        std::vector<ParticipantCard>{ng_->Card(), tg_->Card()}));
    peers_.Add(ng_);
    peers_.Add(tg_);
  }

  // A referral that was sent to `partner`: its first event waits.
  Uuid Send(const InProcessPartner& partner, size_t opening_bytes = 0) {
    const Uuid referral = NewUuid(random_);
    EXPECT_OK(store_->Transact([&](StoreTransaction& tx) {
      return tx.InsertReferral({referral, {self_, partner.code()}});
    }));
    return Write(partner, referral, ReferralEventKind::kSent, opening_bytes);
  }

  Uuid Write(const InProcessPartner& partner, const Uuid& referral,
             ReferralEventKind kind, size_t opening_bytes = 0) {
    ReferralEvent event{NewUuid(random_), referral, self_};
    event.sequence = 1;
    event.kind = kind;
    event.occurred_at = clock_.Now();
    event.role = Role::kCoordinator;
    federation::v1::ReferralEventPayload payload;
    if (kind == ReferralEventKind::kSent) {
      auto* packet = payload.mutable_packet();
      packet->set_agreement_id("pair");
      packet->set_agreement_digest(std::string(32, 'd'));
      packet->set_purpose("SAFE_RETURN");
      packet->set_basis("CONSENT");
      packet->set_pseudonym(NewUuid(random_).ToBytes());
      FormatTerms(ReferralTerms(), *packet);
    } else {
      payload.mutable_cancellation()->set_reason(
          federation::v1::CANCEL_REASON_PERSON_DECIDED);
    }
    FormatEvent(event, payload);
    const UnprovedMessage message = MakeMessage(
        MessageKind::kEvent, self_, partner.code(), event.event_id, "",
        kEventType, payload.SerializeAsString(), clock_.Now(), random_);
    std::vector<FieldOpening> openings;
    if (opening_bytes > 0) {
      openings = {{FieldGroup::kStatus, random_.Bytes(32),
                   std::string(opening_bytes, 'x')}};
    }
    EXPECT_OK(writer_.Commit([&](CommitScope& scope) -> absl::Status {
      const std::string leaf = FormatMessageLeaf(message.leaf);
      ASSIGN_OR_RETURN(
          const uint64_t index,
          scope.Append(PartnerLogOrigin(self_, partner.code()), leaf, ""));
      RETURN_IF_ERROR(scope.store().InsertEvent(
          {event, message.type, message.payload, message.salt, leaf, index,
           SerializeOpenings(openings)},
          ReferralState::kSent));
      return scope.store().InsertOutbox(
          {partner.code(), referral, event.event_id, clock_.Now()});
    }));
    return event.event_id;
  }

  CourierParts Parts() {
    return {self_,        *store_, writer_, partners_,  peers_,
            checkpoints_, clock_,  random_, departures_};
  }
  size_t Waiting(const InProcessPartner& partner) {
    return store_->ReadOutbox(partner.code(), 1000)->size();
  }

  const ParticipantCode self_ = *ParticipantCode::Create("NE");
  TestDirectory directory_;
  SystemRandom random_;
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  std::unique_ptr<Store> store_;
  LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  CommitWriter writer_{*store_, signer_, clock_};
  CheckpointCache checkpoints_;
  ScriptedDepartures departures_;
  PartnerTableHolder partners_;
  std::shared_ptr<InProcessPartner> ng_ =
      std::make_shared<InProcessPartner>("NG", clock_, random_);
  std::shared_ptr<InProcessPartner> tg_ =
      std::make_shared<InProcessPartner>("TG", clock_, random_);
  InProcessPartners peers_;
};

TEST_F(CourierTest, EventsLeaveInOrderAndStayUntilTheirReceipts) {
  std::vector<Uuid> sent;
  for (int i = 0; i < 20; ++i) sent.push_back(Send(*ng_));
  Courier courier(Parts(), ng_->code());
  ng_->Away();
  EXPECT_THAT(courier.Round(absl::Seconds(1)),
              FailsWith(ErrorReason::kPeerUnreachable));
  EXPECT_EQ(Waiting(*ng_), 20u);
  ng_->Back();
  while (Waiting(*ng_) > 0) ASSERT_OK(courier.Round(absl::Seconds(1)));
  EXPECT_THAT(ng_->taken(), ElementsAreArray(sent));
  for (const Uuid& id : sent) {
    const auto row = store_->ReadEvent(id);
    EXPECT_FALSE(row->receipt_leaf.empty());
    EXPECT_FALSE(row->receipt_proof.empty());
  }
}

// A partner that is gone for weeks gets everything, in order, when it is back.
TEST_F(CourierTest, WeeksLaterEverythingIsDeliveredInOrder) {
  std::vector<Uuid> sent;
  Courier courier(Parts(), ng_->code());
  ng_->Away();
  for (int day = 0; day < 30; ++day) {
    sent.push_back(Send(*ng_));
    clock_.Advance(absl::Hours(24));
    EXPECT_THAT(courier.Round(absl::Seconds(1)),
                FailsWith(ErrorReason::kPeerUnreachable));
  }
  ng_->Back();
  while (Waiting(*ng_) > 0) ASSERT_OK(courier.Round(absl::Seconds(1)));
  EXPECT_THAT(ng_->taken(), ElementsAreArray(sent));
}

TEST_F(CourierTest, ASlowLineGetsSmallerCalls) {
  for (int i = 0; i < 8; ++i) Send(*ng_);
  ng_->SlowLine(2);
  Courier courier(Parts(), ng_->code());
  int rounds = 0;
  while (Waiting(*ng_) > 0 && ++rounds < 50) {
    courier.Round(absl::Seconds(1)).IgnoreError();
  }
  EXPECT_THAT(ng_->taken(), SizeIs(8));
}

TEST_F(CourierTest, LargeEventsAreSentInCallsThatThePartnerTakes) {
  for (int i = 0; i < 8; ++i) Send(*ng_, /*opening_bytes=*/6000);
  Courier courier(Parts(), ng_->code());
  while (Waiting(*ng_) > 0) ASSERT_OK(courier.Round(absl::Seconds(1)));
  EXPECT_EQ(ng_->calls(), 4u);
}

TEST_F(CourierTest, AnEventThatCannotBeTakenHoldsUpItsOwnDossierOnly) {
  const Uuid first = Send(*ng_);
  const Uuid stuck = Send(*ng_);
  const Uuid behind = Write(*ng_, store_->ReadEvent(stuck)->event.referral_id,
                            ReferralEventKind::kCancelled);
  const Uuid last = Send(*ng_);
  ng_->CannotTake(stuck);
  Courier courier(Parts(), ng_->code());
  EXPECT_EQ(*courier.Round(absl::Seconds(1)), 2);
  EXPECT_THAT(ng_->taken(), ElementsAre(first, last));
  EXPECT_EQ(Waiting(*ng_), 2u);
  EXPECT_THAT(courier.Round(absl::Seconds(1)),
              FailsWith(ErrorReason::kInternal));
  EXPECT_THAT(ng_->taken(), testing::Not(testing::Contains(behind)));
}

// The second copy has another proof, so that it shows which one is kept.
TEST_F(CourierTest, ARepeatedReceiptChangesNothing) {
  const Uuid id = Send(*ng_);
  const OutboxRow waiting = store_->ReadOutbox(ng_->code(), 1)->at(0);
  const EventRow row = *store_->ReadForDelivery(waiting);
  Courier courier(Parts(), ng_->code());
  ASSERT_OK(courier.Round(absl::Seconds(1)));
  const EventRow stored = *store_->ReadEvent(id);
  Send(*ng_);
  ASSERT_OK(courier.Round(absl::Seconds(1)));
  const Message again = ng_->ReceiptAgain(id, self_);
  ASSERT_EQ(again.leaf, stored.receipt_leaf);
  ASSERT_NE(again.proof, stored.receipt_proof);
  const uint64_t entries = store_->ReadLogHead(OwnLogOrigin(self_))->size;
  EXPECT_OK(TakeReceipt(Parts(), ng_->code(), row, again));
  EXPECT_EQ(store_->ReadLogHead(OwnLogOrigin(self_))->size, entries);
  EXPECT_EQ(store_->ReadEvent(id)->receipt_proof, stored.receipt_proof);
}

TEST_F(CourierTest, WhatMayNotLeaveHoldsUpItsOwnDossierOnly) {
  const Uuid stays = Send(*ng_);
  const Uuid behind = Write(*ng_, store_->ReadEvent(stays)->event.referral_id,
                            ReferralEventKind::kCancelled);
  const Uuid last = Send(*ng_);
  departures_.Script(stays, Departure::kStays);
  Courier courier(Parts(), ng_->code());
  EXPECT_EQ(*courier.Round(absl::Seconds(1)), 1);
  EXPECT_THAT(ng_->taken(), ElementsAre(last));
  EXPECT_EQ(*courier.Round(absl::Seconds(1)), 0);
  departures_.Script(stays, Departure::kWhole);
  EXPECT_EQ(*courier.Round(absl::Seconds(1)), 2);
  EXPECT_THAT(ng_->taken(), ElementsAre(last, stays, behind));
}

TEST_F(CourierTest, WhatIsWithheldNeverLeaves) {
  const Uuid bare = Send(*ng_, /*opening_bytes=*/60);
  const Uuid too_much = Send(*ng_, /*opening_bytes=*/60);
  const Uuid whole = Send(*ng_, /*opening_bytes=*/60);
  departures_.Script(bare, Departure::kBare);
  departures_.Script(too_much, Departure::kTooMuch);
  Courier courier(Parts(), ng_->code());
  EXPECT_EQ(*courier.Round(absl::Seconds(1)), 3);
  EXPECT_THAT(ng_->taken(), ElementsAre(bare, too_much, whole));
  EXPECT_THAT(ng_->opened(), ElementsAre(whole));
}

TEST_F(CourierTest, AnEventThatIsStuckKeepsNothingFromBeingCollected) {
  ng_->CannotTake(Send(*ng_));
  ng_->Write(self_);
  CourierParts parts = Parts();
  parts.outbound_only = true;
  size_t collected = 0;
  const Collecting collecting{
      [&](const ParticipantCode&, const std::vector<Message>& events) {
        collected += events.size();
        return std::vector<absl::StatusOr<Message>>(
            events.size(), ReasonError(ErrorReason::kEventTooEarly, "not yet"));
      },
      absl::Seconds(30)};
  PartnerRounds rounds(parts, ng_->code(), collecting, clock_.Now());
  EXPECT_FALSE(rounds.Next(absl::Seconds(1), clock_.Now()).ok());
  EXPECT_EQ(collected, 1u);
  // Over a line that is gone nothing is tried.
  ng_->Away();
  EXPECT_THAT(rounds.Next(absl::Seconds(1), clock_.Now() + absl::Seconds(30)),
              FailsWith(ErrorReason::kPeerUnreachable));
  EXPECT_EQ(collected, 1u);
}

TEST_F(CourierTest, ToAPartnerThatCollectsItsMailNothingIsSent) {
  ParticipantCard card = ng_->Card();
  card.endpoints.clear();
  partners_.Set(std::make_shared<PartnerTable>(
      std::vector<ParticipantCard>{card, tg_->Card()}));
  Send(*ng_);
  Courier courier(Parts(), ng_->code());
  EXPECT_EQ(*courier.Round(absl::Seconds(1)), 0);
  EXPECT_EQ(ng_->calls(), 0u);
  EXPECT_EQ(Waiting(*ng_), 1u);
}

// From here on the threads run. After a failure they wait for an hour, so that
// what happens is due to the sign of life alone.
class CourierServiceTest : public CourierTest {
 protected:
  // Nigeria's courier failed with an event in its hands; Nigeria is back, and
  // it does not know yet.
  void FailOnce() {
    ng_->Away();
    sent_ = Send(*ng_);
    couriers_.Wake();
    ng_->AwaitCalls(1);
    ng_->Back();
  }

  static constexpr PaceLimits kHours{absl::Hours(1), absl::Hours(1),
                                     absl::Hours(1), absl::ZeroDuration()};
  CourierService couriers_{Parts(), kHours};
  Uuid sent_;
};

TEST_F(CourierServiceTest, APartnerThatCallsIsCalledAtOnce) {
  FailOnce();
  couriers_.PartnerCalled(tg_->code());
  couriers_.PartnerCalled(ng_->code());
  ng_->AwaitTaken(1);
  EXPECT_THAT(ng_->taken(), ElementsAre(sent_));
}

// A courier that waits looks for its partner four times a second.
TEST_F(CourierServiceTest, Law12CallsOfOnePartnerWakeNoCourierOfAnother) {
  FailOnce();
  const absl::Time start = absl::Now();
  const int before = peers_.looks(ng_->code());
  for (int i = 0; i < 20000; ++i) couriers_.PartnerCalled(tg_->code());
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  EXPECT_LE(peers_.looks(ng_->code()) - before, 10 + 8 * seconds);
}

TEST_F(CourierServiceTest, APartnerThatCanBeReachedAgainIsCalledAtOnce) {
  FailOnce();
  ng_->Connect(true);
  ng_->AwaitTaken(1);
  EXPECT_THAT(ng_->taken(), ElementsAre(sent_));
}

TEST_F(CourierServiceTest, ADeadPartnerDelaysNobodyElse) {
  FailOnce();
  const Uuid to_togo = Send(*tg_);
  couriers_.Wake();
  tg_->AwaitTaken(1);
  EXPECT_THAT(tg_->taken(), ElementsAre(to_togo));
  // Nobody told of a sign of life, so Nigeria is left alone.
  EXPECT_THAT(ng_->taken(), IsEmpty());
}

}  // namespace
}  // namespace comity
