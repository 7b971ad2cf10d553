#include <algorithm>

#include "absl/strings/str_replace.h"
#include "node/service/referral_steps.h"
#include "tests/proof/disclosure_watch.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Kind = ReferralEventKind;
using State = ReferralState;
using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<v1::RecordGroup> kPacket = {
    v1::RECORD_GROUP_CASE_REF, v1::RECORD_GROUP_STATUS,
    v1::RECORD_GROUP_DEMOGRAPHIC, v1::RECORD_GROUP_NEEDS};

// What was decided when it was written is decided once more when it leaves: the
// ground for it may have gone while it waited.
class DepartureTest : public testing::Test {
 protected:
  explicit DepartureTest(bool collects = false) : nodes_(20261206, collects) {
    nodes_.to_ng->AddTap([this](LinkCall call, const std::string& request,
                                const std::string* answer) {
      if (call == LinkCall::kDeliver && answer == nullptr) Look(request);
    });
    nodes_.to_ne->AddTap(
        [this](LinkCall call, const std::string&, const std::string* answer) {
          if (call == LinkCall::kCollect && answer != nullptr) Look(*answer);
        });
    referral_ = nodes_.walk.Begin();
    watch_.Add(referral_);
  }

  // At what leaves Niger's node.
  void Look(const std::string& bytes) {
    told_ |= bytes.find("Adult") != std::string::npos;
    health_ |= bytes.find("Health") != std::string::npos;
  }
  void Take(LinkedNode& node, Kind kind) {
    EXPECT_OK(nodes_.walk.Take(referral_, node, kind)) << Name(kind);
  }
  // A newer act, which ends before the first one.
  void ConsentFor(const std::vector<v1::RecordGroup>& groups,
                  absl::Duration lasting) {
    nodes_.clock.Advance(absl::Minutes(1));
    EXPECT_OK(nodes_.walk.RecordConsent(referral_, groups, lasting));
  }
  void Agree(absl::string_view until) {
    const std::string agreement = absl::StrReplaceAll(
        ReadyPolicyText("agreements/ng-ne-bilateral.textproto"),
        {{"2030-12-31T00:00:00Z", until}});
    nodes_.Enact(agreement, "");
    watch_.SetPolicy(until > "2026-12-31", {});
  }
  // Asked by Nigeria, answered by Niger, and not delivered.
  void AnswerThatWaits() {
    Take(nodes_.ne, Kind::kSent);
    EXPECT_TRUE(nodes_.Deliver());
    Take(nodes_.ng, Kind::kInfoRequested);
    EXPECT_TRUE(nodes_.Deliver());
    Take(nodes_.ne, Kind::kInfoAnswered);
    told_ = health_ = false;
  }
  // The node's events arrive, and their receipts do not.
  void DeliverWithoutReceipts(LinkedNode& node) {
    nodes_.LinkFrom(node).SetFaults(
        {.answer_lost = 1000, .of_deliveries_alone = true});
    EXPECT_FALSE(node.Round().ok());
    nodes_.LinkFrom(node).SetFaults({});
  }

  void ExpectConverged(State holder, State receiver) {
    EXPECT_TRUE(nodes_.Deliver(50)) << "something waits for ever";
    EXPECT_THAT(nodes_.Contradictions(), IsEmpty());
    EXPECT_EQ(nodes_.walk.StateAt(nodes_.ne, referral_), holder);
    EXPECT_EQ(nodes_.walk.StateAt(nodes_.ng, referral_), receiver);
  }
  // "CONSENT NEEDS", as the people of a node see it; without a reason "NEEDS".
  std::vector<std::string> Withheld(LinkedNode& node) {
    ops::GetReferralRequest request;
    request.set_referral_id(referral_.id.ToString());
    const auto shown =
        node.Call(node.Coordinator("coord"), LocalOperation::kReferralRead,
                  HandleGetReferral, request);
    EXPECT_OK(shown);
    std::vector<std::string> words;
    if (!shown.ok()) return words;
    for (const ops::WithheldGroups& each : shown->withheld()) {
      std::string word = each.reason();
      for (const int group : each.groups()) {
        absl::StrAppend(&word, word.empty() ? "" : " ",
                        Name(static_cast<FieldGroup>(group)));
      }
      words.push_back(word);
    }
    return words;
  }
  // Notices of Niger's that something was withheld.
  size_t Notices() {
    const auto all = nodes_.ne.store().ListNotices(absl::InfinitePast(), 100);
    EXPECT_OK(all);
    return static_cast<size_t>(
        std::count_if(all->begin(), all->end(), [](const Notice& each) {
          return each.kind == "WITHHELD" &&
                 each.target == NoticeTarget::kCoordinatorAtHolder;
        }));
  }

  PairOfNodes nodes_;
  DisclosureWatch watch_{nodes_};
  WalkedReferral referral_;
  bool told_ = false;    // her age class left
  bool health_ = false;  // her need left
};

TEST_F(DepartureTest, Law4APacketWhoseConsentRanOutNeverLeaves) {
  ConsentFor(kPacket, absl::Hours(2));
  Take(nodes_.ne, Kind::kSent);
  nodes_.clock.Advance(absl::Hours(3));
  ExpectConverged(State::kWithdrawn, State::kUnset);
  EXPECT_FALSE(told_);
  EXPECT_EQ(Notices(), 1u);
  EXPECT_THAT(Withheld(nodes_.ne),
              ElementsAre("CONSENT CASE_REF STATUS DEMOGRAPHIC NEEDS"));
}

// While the partner is away nobody waits for the moment it would leave.
TEST_F(DepartureTest, PeopleLearnOfItWithinTheHourWhileThePartnerIsAway) {
  ConsentFor(kPacket, absl::Hours(2));
  Take(nodes_.ne, Kind::kSent);
  nodes_.to_ng->Cut(true);
  nodes_.ne.Tick();
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ne, referral_), State::kSent);
  nodes_.clock.Advance(absl::Hours(3));
  EXPECT_FALSE(nodes_.ne.Round().ok());
  EXPECT_EQ(Notices(), 0u);
  nodes_.ne.Tick();
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ne, referral_), State::kWithdrawn);
  EXPECT_EQ(Notices(), 1u);
  nodes_.to_ng->Cut(false);
  ExpectConverged(State::kWithdrawn, State::kUnset);
  EXPECT_FALSE(told_);
}

TEST_F(DepartureTest, OfAPacketLeavesWhatConsentStillCovers) {
  ConsentFor({v1::RECORD_GROUP_NEEDS}, absl::Hours(2));
  Take(nodes_.ne, Kind::kSent);
  nodes_.clock.Advance(absl::Hours(3));
  ExpectConverged(State::kReceived, State::kReceived);
  EXPECT_TRUE(told_);
  EXPECT_FALSE(health_);
  EXPECT_THAT(Withheld(nodes_.ne), ElementsAre("CONSENT NEEDS"));
  EXPECT_THAT(Withheld(nodes_.ng), ElementsAre("NEEDS"));
  // And the referral goes on.
  Take(nodes_.ng, Kind::kAccepted);
  ExpectConverged(State::kAccepted, State::kAccepted);
}

TEST_F(DepartureTest, Law4AnAnswerWhoseConsentRanOutTellsNothing) {
  ConsentFor({v1::RECORD_GROUP_NEEDS}, absl::Hours(2));
  AnswerThatWaits();
  nodes_.clock.Advance(absl::Hours(3));
  ExpectConverged(State::kReceived, State::kReceived);
  EXPECT_FALSE(health_);
  EXPECT_THAT(Withheld(nodes_.ne), ElementsAre("CONSENT NEEDS"));
  EXPECT_EQ(Notices(), 1u);
}

// What was withheld once stays so: the partner holds the event without it.
TEST_F(DepartureTest, ANewConsentDoesNotBringBackWhatWasWithheld) {
  ConsentFor({v1::RECORD_GROUP_NEEDS}, absl::Hours(2));
  AnswerThatWaits();
  nodes_.clock.Advance(absl::Hours(3));
  nodes_.ne.Tick();
  ConsentFor({v1::RECORD_GROUP_NEEDS}, absl::Hours(100));
  ExpectConverged(State::kReceived, State::kReceived);
  EXPECT_FALSE(health_);
}

// The dossier stays open, and its chain whole.
TEST_F(DepartureTest, AnAnswerOfAnAgreementThatEndedTellsNothing) {
  AnswerThatWaits();
  Agree("2026-01-02T00:00:00Z");
  ExpectConverged(State::kReceived, State::kReceived);
  EXPECT_FALSE(health_);
  EXPECT_THAT(Withheld(nodes_.ne), ElementsAre("AGREEMENT NEEDS"));
  Agree("2030-12-31T00:00:00Z");
  Take(nodes_.ng, Kind::kAccepted);
  ExpectConverged(State::kAccepted, State::kAccepted);
}

// Law 5: the receiver's people took the withdrawal, and an answer waits.
TEST_F(DepartureTest, Law5AnAnswerDoesNotLeaveAfterTheReceiversWithdrawal) {
  AnswerThatWaits();
  EXPECT_OK(nodes_.walk.WithdrawReferral(referral_, nodes_.ng));
  EXPECT_OK(nodes_.ng.Round());
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ne, referral_), State::kWithdrawn);
  ExpectConverged(State::kWithdrawn, State::kWithdrawn);
  EXPECT_FALSE(health_);
  EXPECT_THAT(Withheld(nodes_.ne), ElementsAre("WITHDRAWAL NEEDS"));
}

// It crosses: the receiver keeps the event, and nothing of what it tells.
TEST_F(DepartureTest, Law5AnAnswerThatCrossesTheReceiversWithdrawalIsKeptBare) {
  AnswerThatWaits();
  EXPECT_OK(nodes_.walk.WithdrawReferral(referral_, nodes_.ng));
  EXPECT_OK(nodes_.ne.Round());
  EXPECT_TRUE(health_);
  ExpectConverged(State::kWithdrawn, State::kWithdrawn);
  EXPECT_TRUE(watch_.KeptAfterWithdrawal(referral_).empty());
  const auto dossier = ReadDossier(nodes_.ng.store(), referral_.id);
  ASSERT_OK(dossier);
  const auto answered = std::find_if(
      dossier->events.begin(), dossier->events.end(),
      [](const auto& each) { return each.kind == Kind::kInfoAnswered; });
  ASSERT_NE(answered, dossier->events.end()) << "it was refused";
}

// The partner's own event shows that it holds the packet: only the receipt is
// asked for.
TEST_F(DepartureTest, WhatThePartnerHoldsIsNotToldTwice) {
  Take(nodes_.ne, Kind::kSent);
  DeliverWithoutReceipts(nodes_.ne);
  Take(nodes_.ng, Kind::kAccepted);
  EXPECT_OK(nodes_.ng.Round());
  told_ = false;
  ExpectConverged(State::kAccepted, State::kAccepted);
  EXPECT_FALSE(told_);
}

// The receipt is out when a flag takes the event from the outbox; meanwhile
// Nigeria goes on from it.
TEST_F(DepartureTest, AReceiptThatAFlagCutOffIsAskedForAgain) {
  Take(nodes_.ne, Kind::kSent);
  EXPECT_TRUE(nodes_.Deliver());
  Take(nodes_.ng, Kind::kAccepted);
  EXPECT_TRUE(nodes_.Deliver());
  Take(nodes_.ne, Kind::kPlanProposed);
  DeliverWithoutReceipts(nodes_.ne);
  EXPECT_OK(nodes_.walk.Screen(referral_, true));
  Take(nodes_.ng, Kind::kPlanAccepted);
  EXPECT_OK(nodes_.ng.Round());
  EXPECT_OK(nodes_.walk.Screen(referral_, false));
  ExpectConverged(State::kAccepted, State::kAccepted);
}

// Law 3: a flag holds back also what the partner holds.
TEST_F(DepartureTest, Law3NoReceiptIsAskedOfWhomAFlagExcludes) {
  Take(nodes_.ne, Kind::kSent);
  DeliverWithoutReceipts(nodes_.ne);
  Take(nodes_.ng, Kind::kAccepted);
  EXPECT_OK(nodes_.ng.Round());
  EXPECT_OK(nodes_.walk.Screen(referral_, true));
  EXPECT_EQ(PairOfNodes::Waiting(nodes_.ne, nodes_.ng), 0u);
  EXPECT_OK(nodes_.walk.Screen(referral_, false));
  ExpectConverged(State::kAccepted, State::kAccepted);
}

// Nigeria's node comes for its mail: it leaves by the same door.
class CollectedDepartureTest : public DepartureTest {
 protected:
  CollectedDepartureTest() : DepartureTest(/*collects=*/true) {}
};

TEST_F(CollectedDepartureTest, Law4APacketWhoseConsentRanOutIsNotGiven) {
  ConsentFor(kPacket, absl::Hours(2));
  Take(nodes_.ne, Kind::kSent);
  nodes_.clock.Advance(absl::Hours(3));
  ExpectConverged(State::kWithdrawn, State::kUnset);
  EXPECT_FALSE(told_);
  EXPECT_EQ(Notices(), 1u);
}

TEST_F(CollectedDepartureTest, AnAnswerIsGivenWithoutWhatMayNotBeTold) {
  ConsentFor({v1::RECORD_GROUP_NEEDS}, absl::Hours(2));
  AnswerThatWaits();
  nodes_.clock.Advance(absl::Hours(3));
  ExpectConverged(State::kReceived, State::kReceived);
  EXPECT_FALSE(health_);
  EXPECT_THAT(Withheld(nodes_.ne), ElementsAre("CONSENT NEEDS"));
  EXPECT_THAT(Withheld(nodes_.ng), ElementsAre("NEEDS"));
}

// What may go goes, so that these tests can fail.
TEST_F(CollectedDepartureTest, WhatMayBeToldIsGiven) {
  AnswerThatWaits();
  ExpectConverged(State::kReceived, State::kReceived);
  EXPECT_TRUE(health_);
  EXPECT_THAT(Withheld(nodes_.ne), IsEmpty());
}

}  // namespace
}  // namespace comity
