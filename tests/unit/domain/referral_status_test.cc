#include "node/domain/referral_status.h"

#include <random>

#include "tests/support/dossier_script.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using Kind = ReferralEventKind;
using State = ReferralState;

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

// Every kind that nothing but the order of steps guards.
TEST(ReferralStatusTest, AReturnPassesAllStatesInOrder) {
  DossierScript dossier(kStart);
  const auto expect = [&](State state) {
    EXPECT_EQ(dossier.Status().state, state) << Name(dossier.Status().state);
  };
  expect(State::kRiskCleared);
  dossier.Send({.travels = true});
  expect(State::kSent);
  dossier.Acknowledge();
  expect(State::kReceived);
  EXPECT_OK(dossier.ByReceiver(Kind::kInfoRequested));
  expect(State::kNeedsInfo);
  EXPECT_OK(dossier.ByHolder(Kind::kInfoAnswered, Role::kCaseWorker));
  expect(State::kReceived);
  EXPECT_OK(dossier.ByReceiver(Kind::kAccepted));
  expect(State::kAccepted);
  EXPECT_OK(dossier.ByHolder(Kind::kPlanProposed, PlanVersion{1}));
  EXPECT_OK(dossier.ByReceiver(Kind::kPlanAccepted, PlanVersion{1}));
  expect(State::kAccepted);
  EXPECT_OK(dossier.ByHolder(Kind::kPlanAnswered, PlanAnswer{1, true, true}));
  expect(State::kPlanAgreed);
  EXPECT_OK(dossier.Schedule());
  expect(State::kReturnScheduled);
  EXPECT_OK(dossier.ByHolder(Kind::kDeparted));
  expect(State::kInTransit);
  EXPECT_OK(dossier.ByReceiver(Kind::kHandedOver));
  expect(State::kHandedOver);
  EXPECT_OK(dossier.ByReceiver(Kind::kAssistanceBegun));
  expect(State::kInAssistance);
  EXPECT_OK(dossier.ByReceiver(Kind::kFollowUp));
  EXPECT_OK(dossier.ByReceiver(Kind::kClosed));
  expect(State::kClosed);
  EXPECT_EQ(dossier.Status().follow_ups, 1);
}

TEST(ReferralStatusTest, WithoutTravelThePlanLeadsToAssistance) {
  DossierScript dossier(kStart);
  dossier.Send({}).Accept().AgreeOnPlan();
  EXPECT_THAT(dossier.Schedule(),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(dossier.ByReceiver(Kind::kAssistanceBegun));
  EXPECT_EQ(dossier.Status().state, State::kInAssistance);
}

TEST(ReferralStatusTest, WithTravelAssistanceWaitsForTheHandover) {
  DossierScript dossier(kStart);
  dossier.Send({.travels = true}).Accept().AgreeOnPlan();
  EXPECT_THAT(dossier.ByReceiver(Kind::kAssistanceBegun),
              FailsWith(ErrorReason::kReferralStateConflict));
}

TEST(ReferralStatusTest, TheSideThatProposedAPlanDoesNotAcceptIt) {
  DossierScript dossier(kStart);
  dossier.Send({}).Accept();
  EXPECT_OK(dossier.ByReceiver(Kind::kPlanProposed, PlanVersion{1}));
  EXPECT_THAT(dossier.ByReceiver(Kind::kPlanAccepted, PlanVersion{1}),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(dossier.ByHolder(Kind::kPlanAccepted, PlanVersion{1}));
}

TEST(ReferralStatusTest, APlanThatThePersonRejectsNeedsANewVersion) {
  DossierScript dossier(kStart);
  dossier.Send({}).Accept();
  EXPECT_OK(dossier.ByHolder(Kind::kPlanProposed, PlanVersion{1}));
  EXPECT_OK(dossier.ByReceiver(Kind::kPlanAccepted, PlanVersion{1}));
  EXPECT_OK(dossier.ByHolder(Kind::kPlanAnswered, PlanAnswer{1, false}));
  EXPECT_EQ(dossier.Status().state, State::kAccepted);
  EXPECT_THAT(dossier.ByHolder(Kind::kPlanAnswered, PlanAnswer{1, true}),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(dossier.ByHolder(Kind::kPlanProposed, PlanVersion{2}));
  EXPECT_OK(dossier.ByReceiver(Kind::kPlanAccepted, PlanVersion{2}));
  EXPECT_OK(dossier.ByHolder(Kind::kPlanAnswered, PlanAnswer{2, true}));
  EXPECT_EQ(dossier.Status().state, State::kPlanAgreed);
}

TEST(ReferralStatusTest, ANewPlanTakesTheScheduleBack) {
  DossierScript dossier(kStart);
  dossier.Send({.travels = true}).Accept().AgreeOnPlan();
  EXPECT_OK(dossier.Schedule());
  EXPECT_OK(dossier.ByReceiver(Kind::kPlanProposed, PlanVersion{2}));
  EXPECT_EQ(dossier.Status().state, State::kAccepted);
  EXPECT_FALSE(dossier.Status().schedule.has_value());
}

TEST(ReferralStatusTest, AChildNeedsGuardiansOfBothSidesForPlanAndReturn) {
  DossierScript dossier(kStart);
  dossier.Send({.travels = true, .child = true}).Accept();
  const auto approve = [&](bool by_holder, bool for_return) {
    return dossier.Write(by_holder, Kind::kGuardianApproved, Role::kGuardian,
                         GuardianApproval{1, for_return});
  };
  EXPECT_OK(dossier.ByHolder(Kind::kPlanProposed, PlanVersion{1}));
  EXPECT_OK(dossier.ByReceiver(Kind::kPlanAccepted, PlanVersion{1}));
  EXPECT_OK(dossier.ByHolder(Kind::kPlanAnswered, PlanAnswer{1, true}));
  EXPECT_OK(approve(true, false));
  EXPECT_EQ(dossier.Status().state, State::kAccepted);
  EXPECT_THAT(approve(true, true),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(approve(false, false));
  EXPECT_EQ(dossier.Status().state, State::kPlanAgreed);
  EXPECT_OK(approve(true, true));
  EXPECT_THAT(dossier.Schedule(),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(approve(false, true));
  EXPECT_OK(dossier.Schedule());
}

TEST(ReferralStatusTest, AReturnNeedsNoticeAFreshDecisionAndAFreshRisk) {
  const auto schedule_with = [](auto change) {
    DossierScript dossier(kStart);
    dossier.Send({.travels = true}).Accept().AgreeOnPlan();
    ReturnSchedule schedule = dossier.GoodSchedule();
    change(schedule);
    return dossier.ByHolder(Kind::kReturnScheduled, schedule);
  };
  const absl::Duration day = absl::Hours(24);
  EXPECT_OK(schedule_with([](ReturnSchedule&) {}));
  for (const auto& change : std::vector<std::function<void(ReturnSchedule&)>>{
           [&](auto& it) { it.departs_at -= day * 2; },
           [&](auto& it) { it.arrives_at = it.departs_at - day; },
           // Nobody would miss her for a year.
           [&](auto& it) { it.arrives_at = it.departs_at + day * 365; },
           [&](auto& it) { it.reconfirmed_at -= day * 15; },
           [&](auto& it) { it.reconfirmed_at = it.departs_at; },
           [&](auto& it) { it.risk_assessed_at -= day * 31; }}) {
    EXPECT_THAT(schedule_with(change),
                FailsWith(ErrorReason::kReferralStateConflict));
  }
}

TEST(ReferralStatusTest, ThreeRoundsOfQuestionsAreTheMost) {
  DossierScript dossier(kStart);
  dossier.Send({});
  for (int round = 0; round < 3; ++round) {
    EXPECT_OK(dossier.ByReceiver(Kind::kInfoRequested));
    EXPECT_OK(dossier.ByHolder(Kind::kInfoAnswered));
  }
  EXPECT_THAT(dossier.ByReceiver(Kind::kInfoRequested),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(dossier.ByReceiver(Kind::kDeclined));
}

TEST(ReferralStatusTest, AlarmsAreRaisedOnceAndOnlyWhenSheIsOverdue) {
  DossierScript dossier(kStart);
  dossier.Send({.travels = true}).Accept().AgreeOnPlan();
  EXPECT_OK(dossier.Schedule());
  const auto alarm = [&](bool by_holder) {
    return dossier.Write(by_holder, Kind::kAlarmRaised, Role::kUnset);
  };
  EXPECT_THAT(alarm(true), FailsWith(ErrorReason::kReferralStateConflict));
  dossier.AdvanceTo(dossier.Status().schedule->arrives_at + absl::Hours(25));
  EXPECT_OK(alarm(true));
  EXPECT_TRUE(dossier.Status().alarm);
  EXPECT_THAT(alarm(false), FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(dossier.ByReceiver(Kind::kHandedOver));
  EXPECT_FALSE(dossier.Status().alarm);
}

TEST(ReferralStatusTest, WithdrawalEndsWhatIsOpenAndOwesAnErasure) {
  DossierScript dossier(kStart);
  dossier.Send({}).Accept();
  EXPECT_OK(dossier.ByReceiver(Kind::kConsentWithdrawn, Withdrawal{true},
                               Role::kSurvivorRepresentative));
  EXPECT_EQ(dossier.Status().state, State::kWithdrawn);
  EXPECT_TRUE(dossier.Status().erasure_owed_since.has_value());
  EXPECT_THAT(dossier.ByHolder(Kind::kPlanProposed, PlanVersion{1}),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(dossier.Write(false, Kind::kErasureConfirmed, Role::kUnset));
  EXPECT_FALSE(dossier.Status().erasure_owed_since.has_value());
  // What was kept at first is erased later.
  EXPECT_OK(dossier.Write(false, Kind::kErasureConfirmed, Role::kUnset));
}

TEST(ReferralStatusTest, NobodyConfirmsAnErasureThatNobodyAskedFor) {
  DossierScript dossier(kStart);
  dossier.Send({}).Accept();
  EXPECT_THAT(dossier.Write(false, Kind::kErasureConfirmed, Role::kUnset),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(dossier.ByHolder(Kind::kConsentWithdrawn, Withdrawal{false}));
  EXPECT_THAT(dossier.Write(true, Kind::kErasureConfirmed, Role::kUnset),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(dossier.Write(false, Kind::kErasureConfirmed, Role::kUnset));
}

TEST(ReferralStatusTest, WithdrawalReachesAClosedReferralToo) {
  DossierScript dossier(kStart);
  dossier.Send({});
  EXPECT_OK(dossier.ByReceiver(Kind::kDeclined));
  EXPECT_OK(dossier.ByHolder(Kind::kConsentWithdrawn, Withdrawal{true}));
  EXPECT_EQ(dossier.Status().state, State::kDeclined);
  EXPECT_TRUE(dossier.Status().withdrawn);
  EXPECT_TRUE(dossier.Status().erasure_owed_since.has_value());
}

TEST(ReferralStatusTest, AReferralExpiresByTheHoldersNodeAlone) {
  DossierScript dossier(kStart);
  dossier.Send({.deadlines = {.expiry_days = 10}});
  const auto expire = [&](bool by_holder) {
    return dossier.Write(by_holder, Kind::kExpired, Role::kUnset);
  };
  EXPECT_THAT(expire(true), FailsWith(ErrorReason::kReferralStateConflict));
  dossier.AdvanceTo(kStart + absl::Hours(24 * 11));
  EXPECT_THAT(expire(false), FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(expire(true));
  EXPECT_EQ(dossier.Status().state, State::kExpired);
}

TEST(ReferralStatusTest, ARefusedPacketCanBeSentOnceMore) {
  DossierScript dossier(kStart);
  dossier.Send({}).RefuseLast();
  EXPECT_EQ(dossier.Status().state, State::kRiskCleared);
  dossier.Send({});
  EXPECT_EQ(dossier.Status().state, State::kSent);
}

TEST(ReferralStatusTest, EachKindBelongsToItsSideAndRole) {
  // Tried in every state that the stories above reach: whoever is wrong stays
  // wrong.
  DossierScript dossier(kStart);
  dossier.Send({.travels = true});
  const auto refused = [&](bool by_holder, Kind kind, Role role) {
    EXPECT_THAT(dossier.Write(by_holder, kind, role),
                FailsWith(ErrorReason::kReferralStateConflict))
        << Name(kind) << " by " << Name(role);
  };
  for (const Kind kind : {Kind::kAccepted, Kind::kDeclined,
                          Kind::kInfoRequested, Kind::kHandedOver}) {
    refused(true, kind, Role::kCoordinator);
    refused(false, kind, Role::kCaseWorker);
    refused(false, kind, Role::kAdmin);
    refused(false, kind, Role::kUnset);
  }
  for (const Kind kind : {Kind::kCancelled, Kind::kConsentRecorded}) {
    refused(false, kind, Role::kCoordinator);
    refused(true, kind, Role::kAuditor);
  }
}

// They move nothing, whatever the state.
TEST(ReferralStatusTest, ACorrectionAndFeedbackLeaveTheStateAsItIs) {
  DossierScript dossier(kStart);
  dossier.Send({});
  EXPECT_OK(
      dossier.ByHolder(Kind::kCorrected, Correction{}, Role::kCaseWorker));
  EXPECT_EQ(dossier.Status().state, State::kSent);
  EXPECT_OK(dossier.ByReceiver(Kind::kDeclined));
  EXPECT_OK(dossier.ByHolder(Kind::kCorrected, Correction{}));
  EXPECT_EQ(dossier.Status().state, State::kDeclined);
  EXPECT_OK(dossier.ByHolder(Kind::kConsentWithdrawn, Withdrawal{true}));
  EXPECT_THAT(dossier.ByHolder(Kind::kCorrected, Correction{}),
              FailsWith(ErrorReason::kReferralStateConflict));
}

TEST(ReferralStatusTest, Law4NoCorrectionSaysWhoSheIsBeforeAcceptance) {
  DossierScript dossier(kStart);
  dossier.Send({});
  EXPECT_THAT(dossier.ByHolder(Kind::kCorrected, Correction{true}),
              FailsWith(ErrorReason::kReferralStateConflict));
  dossier.Accept();
  EXPECT_OK(dossier.ByHolder(Kind::kCorrected, Correction{true}));
  EXPECT_THAT(dossier.ByReceiver(Kind::kCorrected, Correction{}),
              FailsWith(ErrorReason::kReferralStateConflict));
}

TEST(ReferralStatusTest, SheIsAskedOnceSheAgreedAndNotAfterSheWithdrew) {
  DossierScript dossier(kStart);
  dossier.Send({}).Accept().AgreeOnPlan();
  EXPECT_THAT(dossier.ByReceiver(Kind::kFeedback, Feedback{kStart}),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(dossier.ByReceiver(Kind::kAssistanceBegun));
  EXPECT_THAT(dossier.ByReceiver(Kind::kFeedback,
                                 Feedback{dossier.now() + absl::Hours(1)}),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(dossier.ByReceiver(Kind::kFeedback, Feedback{dossier.now()},
                               Role::kSurvivorRepresentative));
  EXPECT_EQ(dossier.Status().state, State::kInAssistance);
  EXPECT_OK(dossier.ByReceiver(Kind::kClosed));
  EXPECT_OK(dossier.ByHolder(Kind::kConsentWithdrawn, Withdrawal{true}));
  EXPECT_THAT(dossier.ByReceiver(Kind::kFeedback, Feedback{kStart}),
              FailsWith(ErrorReason::kReferralStateConflict));
}

TEST(ReferralStatusTest, Law4ADocumentIsOfferedFromAcceptanceToTheEnd) {
  DossierScript dossier(kStart);
  dossier.Send({});
  EXPECT_THAT(dossier.ByHolder(Kind::kAttachmentOffered),
              FailsWith(ErrorReason::kReferralStateConflict));
  dossier.Accept();
  EXPECT_OK(dossier.ByHolder(Kind::kAttachmentOffered, Role::kCaseWorker));
  EXPECT_EQ(dossier.Status().state, State::kAccepted);
  EXPECT_THAT(dossier.ByReceiver(Kind::kAttachmentOffered),
              FailsWith(ErrorReason::kReferralStateConflict));
  dossier.AgreeOnPlan();
  EXPECT_OK(dossier.ByReceiver(Kind::kAssistanceBegun));
  EXPECT_OK(dossier.ByHolder(Kind::kAttachmentOffered));
  EXPECT_OK(dossier.ByReceiver(Kind::kClosed));
  EXPECT_THAT(dossier.ByHolder(Kind::kAttachmentOffered),
              FailsWith(ErrorReason::kReferralStateConflict));
}

TEST(ReferralStatusTest, AnEventAfterAHoleWaits) {
  DossierScript dossier(kStart);
  dossier.Send({});
  const std::vector<ReferralEvent> held = dossier.events();
  EXPECT_OK(dossier.ByReceiver(Kind::kInfoRequested));
  EXPECT_OK(dossier.ByHolder(Kind::kInfoAnswered));
  EXPECT_THAT(CheckIncoming(dossier.parties(), held, dossier.events().back()),
              FailsWith(ErrorReason::kEventTooEarly));
}

TEST(ReferralStatusTest, AForkOfAnAuthorsOwnChainIsRefused) {
  DossierScript dossier(kStart);
  dossier.Send({}).Accept();
  std::vector<ReferralEvent> held = dossier.events();
  ReferralEvent fork = held.back();
  fork.event_id = dossier.NewId();
  EXPECT_THAT(CheckIncoming(dossier.parties(), held, fork),
              FailsWith(ErrorReason::kReferralStateConflict));
}

// Acceptance crosses a cancellation on the way: nobody did wrong, both sides
// keep both events, and one of them has no effect.
TEST(ReferralStatusTest, EventsThatCrossAreKeptAndLeadToOneState) {
  DossierScript dossier(kStart);
  dossier.Send({});
  const std::vector<ReferralEvent> common = dossier.events();
  DossierScript at_holder = dossier;
  DossierScript at_receiver = dossier;
  at_receiver.UseIds(1000);
  EXPECT_OK(at_holder.ByHolder(Kind::kCancelled));
  EXPECT_OK(at_receiver.ByReceiver(Kind::kAccepted));
  EXPECT_OK(CheckIncoming(dossier.parties(), at_holder.events(),
                          at_receiver.events().back()));
  EXPECT_OK(CheckIncoming(dossier.parties(), at_receiver.events(),
                          at_holder.events().back()));
  std::vector<ReferralEvent> one = at_holder.events();
  one.push_back(at_receiver.events().back());
  std::vector<ReferralEvent> other = at_receiver.events();
  other.push_back(at_holder.events().back());
  EXPECT_EQ(StatusOf(dossier.parties(), OrderEvents(one)).state,
            StatusOf(dossier.parties(), OrderEvents(other)).state);
}

// Two nodes run at random, each with what reached it; every event arrives in
// the end. Whatever crossed, both come to the same status, and nobody was
// handed over without acceptance, an agreed plan and a schedule.
TEST(ReferralStatusTest, TwoNodesConvergeWhateverCrosses) {
  std::mt19937_64 random(20261125);
  std::set<State> reached;
  for (int run = 0; run < 1000; ++run) {
    TwoNodes nodes(random, kStart);
    for (int step = 0; step < 400; ++step) nodes.Step();
    nodes.DeliverAll();
    const ReferralStatus holder = nodes.StatusAt(true);
    const ReferralStatus receiver = nodes.StatusAt(false);
    ASSERT_EQ(holder.state, receiver.state) << "run " << run;
    EXPECT_EQ(holder.plan, receiver.plan);
    EXPECT_EQ(holder.withdrawn, receiver.withdrawn);
    EXPECT_EQ(holder.alarm, receiver.alarm);
    EXPECT_EQ(holder.follow_up, receiver.follow_up);
    EXPECT_EQ(holder.follow_ups, receiver.follow_ups);
    EXPECT_TRUE(nodes.refused().empty()) << nodes.refused();
    EXPECT_TRUE(nodes.HandoverWasGuarded());
    reached.insert(holder.state);
  }
  // The walk is worth something only if it gets everywhere.
  EXPECT_THAT(reached, testing::IsSupersetOf(
                           {State::kDeclined, State::kClosed, State::kWithdrawn,
                            State::kCancelled, State::kHandedOver,
                            State::kInAssistance, State::kInTransit}));
}

TEST(ReferralStatusTest, ADraftNeedsConsentThenScreeningAndASecondPerson) {
  EXPECT_EQ(DraftStateOf({}), State::kDraft);
  EXPECT_EQ(DraftStateOf({.screened = true, .risk_cleared = true}),
            State::kDraft);
  EXPECT_EQ(DraftStateOf({.consented = true, .screened = true}),
            State::kConsented);
  EXPECT_EQ(DraftStateOf({.consented = true, .risk_cleared = true}),
            State::kConsented);
  EXPECT_EQ(
      DraftStateOf({.consented = true, .screened = true, .risk_cleared = true}),
      State::kRiskCleared);
}

// Each event is judged by all before it: a partner that goes on writing would
// keep the node busy with one referral. What ends disclosure still passes.
TEST(ReferralStatusTest, Law12OneSideWritesSoManyEventsAndNoMore) {
  DossierScript dossier(kStart);
  dossier.Send({});
  int written = 1;
  while (written < 300 && dossier.ByHolder(Kind::kConsentRecorded).ok()) {
    ++written;
  }
  EXPECT_EQ(written, 256);
  EXPECT_OK(dossier.ByHolder(Kind::kConsentWithdrawn, Withdrawal{false},
                             Role::kCaseWorker));
  EXPECT_OK(dossier.ByReceiver(Kind::kAccepted));
}

// Each withdrawal takes the one before back, so that one alone ever stands.
TEST(ReferralStatusTest, Law12WhatASideTakesBackCountsAsWell) {
  DossierScript dossier(kStart);
  dossier.Send({}).Acknowledge();
  std::vector<ReferralEvent> held = dossier.events();
  ReferralEvent next{dossier.NewId(), Uuid(), dossier.parties().holder};
  next.sequence = 2;
  next.parents = {held.front().event_id};
  next.kind = Kind::kConsentWithdrawn;
  next.role = Role::kCaseWorker;
  next.content = Withdrawal{false};
  next.occurred_at = kStart + absl::Hours(1);
  size_t taken = 0;
  while (taken < 1500 && CheckIncoming(dossier.parties(), held, next).ok()) {
    ++taken;
    held.push_back(next);
    next.recalled = {next.event_id};
    next.event_id = dossier.NewId();
  }
  EXPECT_EQ(taken, 1023u);
}

}  // namespace
}  // namespace comity
