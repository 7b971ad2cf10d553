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
  CrossingRecallTest() {
    referral_ = nodes_.walk.Begin();
    Take(nodes_.ne, Kind::kSent);
    EXPECT_TRUE(nodes_.Deliver());
  }
  void Take(LinkedNode& node, Kind kind) {
    EXPECT_OK(nodes_.walk.Take(referral_, node, kind)) << Name(kind);
  }
  // The node's events arrive, and their receipts do not.
  void DeliverWithoutReceipts(LinkedNode& node) {
    nodes_.LinkFrom(node).SetFaults({.answer_lost = 1000});
    EXPECT_FALSE(node.Round().ok());
    nodes_.LinkFrom(node).SetFaults({});
  }
  void ExpectBoth(State state) {
    EXPECT_TRUE(nodes_.Deliver(50)) << "something waits for ever";
    EXPECT_THAT(nodes_.Contradictions(), testing::IsEmpty());
    for (LinkedNode* node : {&nodes_.ne, &nodes_.ng}) {
      EXPECT_EQ(nodes_.walk.StateAt(*node, referral_), state)
          << node->code().text();
    }
  }

  PairOfNodes nodes_{20261204};
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

}  // namespace
}  // namespace comity
