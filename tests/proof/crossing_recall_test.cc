#include "node/service/subject_steps.h"
#include "tests/proof/pair_of_nodes.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using Kind = ReferralEventKind;
using State = ReferralState;

// One side takes back what arrived without a receipt, and the other side has
// written on it meanwhile.
class CrossingRecallTest : public testing::Test {
 protected:
  explicit CrossingRecallTest(bool collects = false)
      : nodes_(20261204, collects) {
    referral_ = nodes_.walk.Begin();
    Take(nodes_.ne, Kind::kSent);
    EXPECT_TRUE(nodes_.Deliver());
  }
  void Take(LinkedNode& node, Kind kind) {
    EXPECT_OK(nodes_.walk.Take(referral_, node, kind)) << Name(kind);
  }
  // The node's events arrive, and their receipts do not.
  void DeliverWithoutReceipts(LinkedNode& node) {
    nodes_.LinkFrom(node).SetFaults(
        {.answer_lost = 1000, .of_deliveries_alone = true});
    EXPECT_FALSE(node.Round().ok());
    nodes_.LinkFrom(node).SetFaults({});
  }
  void EraseHer() {
    operators::v1::EraseSubjectRequest request;
    request.set_request_id("00000000-0000-4000-8000-000000000001");
    request.set_case_id(referral_.case_name);
    request.set_ground("SUBJECT_REQUEST");
    request.set_confirm(true);
    EXPECT_OK(nodes_.ne.Call(
        nodes_.ne.Person(Role::kDataProtectionOfficer, "dpo"),
        LocalOperation::kSubjectErase, HandleEraseSubject, request));
  }
  void ExpectBoth(State state) {
    EXPECT_TRUE(nodes_.Deliver(50)) << "something waits for ever";
    EXPECT_THAT(nodes_.Contradictions(), testing::IsEmpty());
    for (LinkedNode* node : {&nodes_.ne, &nodes_.ng}) {
      EXPECT_EQ(nodes_.walk.StateAt(*node, referral_), state)
          << node->code().text();
    }
  }

  PairOfNodes nodes_;
  WalkedReferral referral_;
};

TEST_F(CrossingRecallTest, WhatWasWrittenOnWhatWasTakenBackWaitsNoLonger) {
  Take(nodes_.ng, Kind::kAccepted);
  EXPECT_TRUE(nodes_.Deliver());
  Take(nodes_.ng, Kind::kPlanProposed);
  DeliverWithoutReceipts(nodes_.ng);
  Take(nodes_.ne, Kind::kPlanAccepted);
  EXPECT_OK(nodes_.walk.WithdrawReferral(referral_, nodes_.ng));
  ExpectBoth(State::kWithdrawn);
}

// The answer to the first withdrawal stands behind the second one.
TEST_F(CrossingRecallTest, TwoWithdrawalsThatCrossBothEnd) {
  Take(nodes_.ng, Kind::kInfoRequested);
  EXPECT_TRUE(nodes_.Deliver());
  Take(nodes_.ne, Kind::kInfoAnswered);
  DeliverWithoutReceipts(nodes_.ne);
  EXPECT_OK(nodes_.walk.WithdrawReferral(referral_, nodes_.ng));
  EXPECT_OK(nodes_.walk.WithdrawReferral(referral_, nodes_.ne));
  ExpectBoth(State::kWithdrawn);
}

// Law 5: of her needs she took back what was told, at home; then from all of
// it, abroad, on an answer that the first withdrawal undoes.
TEST_F(CrossingRecallTest, Law5AWithdrawalOnWhatWasTakenBackIsNotLost) {
  Take(nodes_.ng, Kind::kInfoRequested);
  EXPECT_TRUE(nodes_.Deliver());
  Take(nodes_.ne, Kind::kInfoAnswered);
  DeliverWithoutReceipts(nodes_.ne);
  EXPECT_OK(nodes_.walk.WithdrawReferral(referral_, nodes_.ng));
  EXPECT_OK(nodes_.walk.WithdrawGroups(referral_, {v1::RECORD_GROUP_NEEDS}));
  ExpectBoth(State::kWithdrawn);
  const auto found = nodes_.ne.store().FindCases(
      {IndexKind::kLocalReference, referral_.case_name});
  const auto facts = nodes_.ne.store().ReadFacts(found->at(0));
  ASSERT_OK(facts);
  for (const Consent& act : facts->consents) {
    EXPECT_TRUE(act.LiveGroups(nodes_.clock.Now()).empty());
  }
}

// A screening queues anew what waits: the withdrawal stays behind what it
// builds on, and that goes with it.
TEST_F(CrossingRecallTest,
       AWithdrawalDoesNotOvertakeItsDossierAfterAScreening) {
  Take(nodes_.ng, Kind::kAccepted);
  EXPECT_TRUE(nodes_.Deliver());
  Take(nodes_.ne, Kind::kPlanProposed);
  EXPECT_OK(nodes_.walk.WithdrawGroups(referral_, {v1::RECORD_GROUP_NEEDS}));
  EXPECT_OK(nodes_.walk.Screen(referral_, false));
  // Over a slow line one event goes at a time.
  nodes_.to_ng->SetFaults({.request_lost = 1000, .of_deliveries_alone = true});
  EXPECT_FALSE(nodes_.ne.Round().ok());
  ExpectBoth(State::kAccepted);
}

// Law 5: a flag holds the packet back, and meanwhile she withdraws a part of
// what it tells: it does not leave when the flag goes.
TEST_F(CrossingRecallTest, Law5APacketHeldBackDoesNotOutliveAPartOfItsConsent) {
  referral_ = nodes_.walk.Begin();
  Take(nodes_.ne, Kind::kSent);
  EXPECT_OK(nodes_.walk.Screen(referral_, true));
  EXPECT_OK(nodes_.walk.WithdrawGroups(referral_, {v1::RECORD_GROUP_STATUS}));
  EXPECT_OK(nodes_.walk.Screen(referral_, false));
  EXPECT_TRUE(nodes_.Deliver(50)) << "something waits for ever";
  EXPECT_THAT(nodes_.Contradictions(), testing::IsEmpty());
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ne, referral_), State::kWithdrawn);
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ng, referral_), State::kUnset);
}

// Law 5: the packet arrived and its receipt did not; under a flag she withdraws
// from a side that seems to hold nothing, until something of it comes back.
TEST_F(CrossingRecallTest, Law5AWithdrawalUnderAFlagReachesWhoHoldsThePacket) {
  referral_ = nodes_.walk.Begin();
  Take(nodes_.ne, Kind::kSent);
  DeliverWithoutReceipts(nodes_.ne);
  EXPECT_OK(nodes_.walk.Screen(referral_, true));
  EXPECT_OK(nodes_.walk.WithdrawGroups(referral_, {}));
  Take(nodes_.ng, Kind::kAccepted);
  ExpectBoth(State::kWithdrawn);
}

// Some of what it told, and the flag goes before anything comes back.
TEST_F(CrossingRecallTest, Law5APartWithdrawnUnderAFlagIsToldAfterIt) {
  referral_ = nodes_.walk.Begin();
  Take(nodes_.ne, Kind::kSent);
  DeliverWithoutReceipts(nodes_.ne);
  EXPECT_OK(nodes_.walk.Screen(referral_, true));
  EXPECT_OK(nodes_.walk.WithdrawGroups(referral_, {v1::RECORD_GROUP_NEEDS}));
  EXPECT_OK(nodes_.walk.Screen(referral_, false));
  Take(nodes_.ng, Kind::kAccepted);
  ExpectBoth(State::kWithdrawn);
}

// Law 5: so does the receipt alone, which the packet gets when it is delivered
// once more, and which is out when the flag is set.
TEST_F(CrossingRecallTest, Law5AReceiptUnderAFlagBringsTheWithdrawalAlong) {
  referral_ = nodes_.walk.Begin();
  Take(nodes_.ne, Kind::kSent);
  DeliverWithoutReceipts(nodes_.ne);
  bool withdrawn = false;
  nodes_.to_ng->AddTap(
      [&](LinkCall call, const std::string&, const std::string* answer) {
        if (call != LinkCall::kDeliver || answer == nullptr || withdrawn) {
          return;
        }
        withdrawn = true;
        EXPECT_OK(nodes_.walk.Screen(referral_, true));
        EXPECT_OK(nodes_.walk.WithdrawGroups(referral_, {}));
        EXPECT_EQ(PairOfNodes::Waiting(nodes_.ne, nodes_.ng), 0u);
      });
  ExpectBoth(State::kWithdrawn);
  EXPECT_TRUE(withdrawn);
}

// Of a part of what it told, in whatever order flag and receipt come.
TEST_F(CrossingRecallTest, Law5AReceiptUnderAFlagBringsAPartAlong) {
  referral_ = nodes_.walk.Begin();
  Take(nodes_.ne, Kind::kSent);
  DeliverWithoutReceipts(nodes_.ne);
  bool withdrawn = false;
  nodes_.to_ng->AddTap([&](LinkCall call, const std::string&,
                           const std::string* answer) {
    if (call != LinkCall::kDeliver || answer == nullptr || withdrawn) {
      return;
    }
    withdrawn = true;
    EXPECT_OK(nodes_.walk.Screen(referral_, true));
    EXPECT_OK(nodes_.walk.WithdrawGroups(referral_, {v1::RECORD_GROUP_NEEDS}));
  });
  ExpectBoth(State::kReceived);
  EXPECT_TRUE(withdrawn);
  const auto packet = nodes_.ng.store().ReadEvents(referral_.id);
  ASSERT_OK(packet);
  EXPECT_EQ(packet->back().event.kind, Kind::kErasureConfirmed);
}

// Nigeria's node comes for its mail, and brings the receipts the next time.
class CollectedRecallTest : public CrossingRecallTest {
 protected:
  CollectedRecallTest() : CrossingRecallTest(/*collects=*/true) {}

  // Nigeria holds the packet, Niger does not know it and sets a flag.
  void ArriveAndBeFlagged() {
    referral_ = nodes_.walk.Begin();
    Take(nodes_.ne, Kind::kSent);
    EXPECT_OK(nodes_.ng.Round());
    ASSERT_EQ(nodes_.walk.StateAt(nodes_.ng, referral_), State::kReceived);
    EXPECT_OK(nodes_.walk.Screen(referral_, true));
  }
};

TEST_F(CollectedRecallTest, Law5AReceiptUnderAFlagBringsTheWithdrawalAlong) {
  ArriveAndBeFlagged();
  EXPECT_OK(nodes_.walk.WithdrawGroups(referral_, {}));
  ASSERT_EQ(nodes_.walk.StateAt(nodes_.ne, referral_), State::kSent);
  ExpectBoth(State::kWithdrawn);
}

// Law 11: she is erased at home while a flag hides who holds her packet; who
// turns out to hold it is asked to erase it all the same.
TEST_F(CollectedRecallTest, Law11WhoTurnsOutToHoldAnErasedPersonIsAsked) {
  ArriveAndBeFlagged();
  EraseHer();
  ASSERT_EQ(nodes_.walk.StateAt(nodes_.ne, referral_), State::kSent);
  ExpectBoth(State::kWithdrawn);
  const auto row = nodes_.ng.store().ReadReferral(referral_.id);
  ASSERT_OK(row);
  EXPECT_TRUE(row->erased);
}

TEST_F(CrossingRecallTest, Law11AnEventShowsWhoHoldsAnErasedPerson) {
  referral_ = nodes_.walk.Begin();
  Take(nodes_.ne, Kind::kSent);
  DeliverWithoutReceipts(nodes_.ne);
  EXPECT_OK(nodes_.walk.Screen(referral_, true));
  EraseHer();
  Take(nodes_.ng, Kind::kAccepted);
  ExpectBoth(State::kWithdrawn);
}

// Law 5: the packet arrived, its receipt did not; it is not sent once more when
// she has withdrawn.
TEST_F(CrossingRecallTest, Law5WhatIsWithdrawnIsNotSentAgainForItsReceipt) {
  referral_ = nodes_.walk.Begin();
  Take(nodes_.ne, Kind::kSent);
  DeliverWithoutReceipts(nodes_.ne);
  Take(nodes_.ng, Kind::kAccepted);
  EXPECT_OK(nodes_.ng.Round());
  EXPECT_OK(nodes_.walk.WithdrawReferral(referral_, nodes_.ne));
  bool told = false;
  nodes_.to_ng->AddTap([&](LinkCall call, const std::string& request,
                           const std::string* answer) {
    if (call == LinkCall::kDeliver && answer == nullptr) {
      told |= request.find("Adult") != std::string::npos;
    }
  });
  ExpectBoth(State::kWithdrawn);
  EXPECT_FALSE(told);
}

// A withdrawal that waits is taken back by the next one, with what it took back
// itself.
TEST_F(CrossingRecallTest, AWithdrawalTakesBackAnEarlierOneThatRecalled) {
  Take(nodes_.ng, Kind::kInfoRequested);
  EXPECT_TRUE(nodes_.Deliver());
  Take(nodes_.ne, Kind::kInfoAnswered);
  EXPECT_OK(nodes_.walk.WithdrawGroups(referral_, {v1::RECORD_GROUP_NEEDS}));
  EXPECT_OK(nodes_.walk.WithdrawReferral(referral_, nodes_.ne));
  ExpectBoth(State::kWithdrawn);
}

// Law 7: a late copy of a refused packet is refused too, also when the
// agreement that it lacked is in force again.
TEST_F(CrossingRecallTest, Law7ALateCopyOfARefusedEventIsRefusedToo) {
  const std::string agreement =
      ReadyPolicyText("agreements/ng-ne-bilateral.textproto");
  referral_ = nodes_.walk.Begin();
  Take(nodes_.ne, Kind::kSent);
  nodes_.to_ng->SetFaults({.copied = 1000, .of_deliveries_alone = true});
  nodes_.ng.Enact({ReadyPolicyText("local/ng.textproto")});
  EXPECT_OK(nodes_.ne.Round());
  nodes_.ng.Enact({agreement, ReadyPolicyText("local/ng.textproto")});
  EXPECT_TRUE(nodes_.Deliver(50));
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ne, referral_), State::kRiskCleared);
  EXPECT_EQ(nodes_.walk.StateAt(nodes_.ng, referral_), State::kUnset);
}

}  // namespace
}  // namespace comity
