#include "tests/support/dossier_script.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using Kind = ReferralEventKind;
using State = ReferralState;

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

// What the holder has written and has no receipt for may have arrived all the
// same. Whichever it is, both sides come to one status.
class ReferralRecallTest : public testing::TestWithParam<bool> {
 protected:
  // The receiver takes what it gets; `late` first, if its receipt was lost.
  void Meet(DossierScript& holder, DossierScript& receiver,
            const ReferralEvent& late) {
    if (GetParam()) {
      EXPECT_OK(receiver.Take(late));
    }
    for (const ReferralEvent& event : holder.events()) {
      if (event.event_id == late.event_id) continue;
      EXPECT_OK(receiver.Take(event)) << Name(event.kind);
    }
    for (const ReferralEvent& event : receiver.events()) {
      EXPECT_OK(holder.Take(event)) << Name(event.kind);
    }
    EXPECT_EQ(holder.Status().state, receiver.Status().state);
    EXPECT_EQ(holder.Status().info_rounds, receiver.Status().info_rounds);
    EXPECT_EQ(holder.Status().erasure_owed_since,
              receiver.Status().erasure_owed_since);
  }
};

TEST_P(ReferralRecallTest, AnAnswerThatIsTakenBackWasNeverGiven) {
  DossierScript holder(kStart);
  holder.Send({});
  EXPECT_OK(holder.ByReceiver(Kind::kInfoRequested));
  DossierScript receiver = holder;
  receiver.UseIds(1000);
  EXPECT_OK(holder.ByHolder(Kind::kInfoAnswered));
  const ReferralEvent answer = holder.events().back();
  EXPECT_OK(holder.WithdrawRecalling(true, {false}, {answer.event_id}));
  EXPECT_EQ(holder.Status().state, State::kNeedsInfo);
  Meet(holder, receiver, answer);
  EXPECT_EQ(receiver.Status().state, State::kNeedsInfo);
  // The dossier goes on on both sides.
  EXPECT_OK(receiver.Write(false, Kind::kErasureConfirmed, Role::kUnset));
  EXPECT_OK(holder.Take(receiver.events().back()));
  EXPECT_OK(holder.ByHolder(Kind::kInfoAnswered));
  EXPECT_OK(receiver.Take(holder.events().back()));
  EXPECT_EQ(receiver.Status().state, State::kReceived);
  EXPECT_FALSE(holder.Status().erasure_owed_since.has_value());
}

TEST_P(ReferralRecallTest, AWholeWithdrawalTakesBackAllThatWaits) {
  DossierScript holder(kStart);
  holder.Send({}).Accept();
  DossierScript receiver = holder;
  receiver.UseIds(1000);
  EXPECT_OK(holder.ByHolder(Kind::kPlanProposed, PlanVersion{1}));
  const ReferralEvent plan = holder.events().back();
  EXPECT_OK(holder.WithdrawRecalling(true, {true}, {plan.event_id}));
  Meet(holder, receiver, plan);
  EXPECT_EQ(receiver.Status().state, State::kWithdrawn);
  EXPECT_EQ(receiver.Status().plan, 0u);
}

INSTANTIATE_TEST_SUITE_P(LostReceipt, ReferralRecallTest, testing::Bool());

TEST(ReferralRecallRuleTest, ThePacketIsNeverTakenBack) {
  DossierScript dossier(kStart);
  dossier.Send({});
  const Uuid packet = dossier.events().back().event_id;
  EXPECT_OK(dossier.ByHolder(Kind::kConsentWithdrawn, Withdrawal{true}));
  std::vector<ReferralEvent> events = dossier.events();
  events.back().recalled = {packet};
  EXPECT_EQ(OrderEvents(events).size(), 2u);
}

TEST(ReferralRecallRuleTest, NobodyTakesBackWhatAnotherWrote) {
  DossierScript dossier(kStart);
  dossier.Send({}).Accept();
  const Uuid acceptance = dossier.events().back().event_id;
  EXPECT_OK(dossier.ByHolder(Kind::kConsentWithdrawn, Withdrawal{false}));
  std::vector<ReferralEvent> events = dossier.events();
  events.back().recalled = {acceptance};
  EXPECT_EQ(StatusOf(dossier.parties(), OrderEvents(events)).state,
            State::kAccepted);
}

TEST(ReferralRecallRuleTest, NothingIsOwedWhereThePacketNeverArrived) {
  DossierScript dossier(kStart);
  dossier.Send({});
  EXPECT_OK(dossier.ByHolder(Kind::kConsentWithdrawn, Withdrawal{true}));
  const Uuid withdrawal = dossier.events().back().event_id;
  EXPECT_TRUE(dossier.Status().erasure_owed_since.has_value());
  dossier.SetReceipt(withdrawal, ReceiptOutcome::kNotHeld);
  EXPECT_EQ(dossier.Status().state, State::kWithdrawn);
  EXPECT_FALSE(dossier.Status().erasure_owed_since.has_value());
}

TEST(ReferralRecallRuleTest, WhoAcknowledgedThePacketCannotSayItHoldsNothing) {
  DossierScript dossier(kStart);
  dossier.Send({}).Acknowledge();
  EXPECT_OK(dossier.ByHolder(Kind::kConsentWithdrawn, Withdrawal{true}));
  dossier.SetReceipt(dossier.events().back().event_id,
                     ReceiptOutcome::kNotHeld);
  EXPECT_TRUE(dossier.Status().erasure_owed_since.has_value());
}

}  // namespace
}  // namespace comity
