#include "node/domain/referral_deadlines.h"

#include "tests/support/dossier_script.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = ReferralEventKind;

absl::Time At(const char* text) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, nullptr));
  return time;
}

std::vector<std::string> Clocks(const DossierScript& dossier) {
  std::vector<std::string> clocks;
  for (const ReferralDeadline& each : DeadlinesOf(dossier.Status())) {
    const char* owing = each.owing == Owing::kHolder     ? "holder"
                        : each.owing == Owing::kReceiver ? "receiver"
                                                         : "both";
    clocks.push_back(absl::StrCat(
        Name(each.kind), " ", owing, " ",
        absl::FormatTime("%m-%dT%H:%M", each.due, absl::UTCTimeZone())));
  }
  return clocks;
}

// 2026-11-25 is a Wednesday.
constexpr char kStart[] = "2026-11-25T10:00:00Z";

TEST(ReferralDeadlinesTest, WorkingDaysLeaveOutSaturdayAndSunday) {
  EXPECT_EQ(AddWorkingDays(At(kStart), 1), At("2026-11-26T10:00:00Z"));
  EXPECT_EQ(AddWorkingDays(At(kStart), 3), At("2026-11-30T10:00:00Z"));
  EXPECT_EQ(AddWorkingDays(At("2026-11-28T10:00:00Z"), 1),
            At("2026-11-30T10:00:00Z"));
  EXPECT_EQ(AddWorkingDays(At(kStart), 10), At("2026-12-09T10:00:00Z"));
}

TEST(ReferralDeadlinesTest, ADurationIsTheDaysWithinWhichItIsOver) {
  EXPECT_EQ(WorkingDaysWithin(At(kStart), At(kStart)), 0u);
  EXPECT_EQ(WorkingDaysWithin(At(kStart), At("2026-11-25T18:00:00Z")), 1u);
  // Over a weekend, as the deadline of three working days would have it.
  EXPECT_EQ(WorkingDaysWithin(At(kStart), At("2026-11-30T10:00:00Z")), 3u);
  EXPECT_EQ(WorkingDaysWithin(At(kStart), At("2026-11-30T10:00:01Z")), 4u);
  EXPECT_EQ(DaysWithin(At(kStart), At("2026-11-30T10:00:00Z")), 5u);
  EXPECT_EQ(DaysWithin(At(kStart), At("2026-11-30T10:00:01Z")), 6u);
  // A clock that goes wrong costs no time.
  EXPECT_EQ(DaysWithin(At("2026-11-30T10:00:00Z"), At(kStart)), 0u);
  EXPECT_EQ(DaysWithin(At(kStart), At("9999-01-01T00:00:00Z")), 3650u);
  EXPECT_EQ(WorkingDaysWithin(At(kStart), At("9999-01-01T00:00:00Z")), 3650u);
}

TEST(ReferralDeadlinesTest, EachStateRunsItsClocks) {
  DossierScript dossier(At(kStart));
  EXPECT_THAT(Clocks(dossier), IsEmpty());
  dossier.Send({.travels = true});
  EXPECT_THAT(Clocks(dossier), ElementsAre("ACKNOWLEDGE receiver 11-26T10:00",
                                           "DECIDE receiver 12-09T10:00",
                                           "EXPIRY holder 05-24T10:00"));
  dossier.Acknowledge();
  EXPECT_THAT(Clocks(dossier), ElementsAre("TRIAGE receiver 11-30T11:00",
                                           "DECIDE receiver 12-09T10:00",
                                           "EXPIRY holder 05-24T10:00"));
  EXPECT_OK(dossier.ByReceiver(Kind::kInfoRequested));
  EXPECT_THAT(Clocks(dossier), ElementsAre("ANSWER_INFO holder 12-02T11:00",
                                           "EXPIRY holder 05-24T10:00"));
  EXPECT_OK(dossier.ByHolder(Kind::kInfoAnswered));
  dossier.Accept();
  EXPECT_THAT(Clocks(dossier), ElementsAre("PLAN both 12-16T13:00",
                                           "EXPIRY holder 05-24T10:00"));
  dossier.AgreeOnPlan();
  EXPECT_THAT(Clocks(dossier), ElementsAre("EXPIRY holder 05-24T10:00"));
  EXPECT_OK(dossier.Schedule());  // written at 17:00
  EXPECT_THAT(Clocks(dossier), ElementsAre("DEPARTURE holder 11-29T17:00",
                                           "HANDOVER receiver 12-01T05:00"));
  EXPECT_OK(dossier.ByHolder(Kind::kDeparted));
  EXPECT_THAT(Clocks(dossier), ElementsAre("HANDOVER receiver 12-01T05:00"));
  EXPECT_OK(dossier.ByReceiver(Kind::kHandedOver));
  EXPECT_THAT(Clocks(dossier), IsEmpty());
}

TEST(ReferralDeadlinesTest, FollowUpsAreDueOnlyIfSheOptedIn) {
  DossierScript dossier(At(kStart));
  dossier.Send({.deadlines = {.follow_up_days = {1, 2, 3, 4}}}).Accept();
  EXPECT_OK(dossier.ByHolder(Kind::kPlanProposed, PlanVersion{1}));
  EXPECT_OK(dossier.ByReceiver(Kind::kPlanAccepted, PlanVersion{1}));
  DossierScript without = dossier;
  EXPECT_OK(dossier.ByHolder(Kind::kPlanAnswered, PlanAnswer{1, true, true}));
  EXPECT_OK(dossier.ByReceiver(Kind::kAssistanceBegun));
  EXPECT_THAT(Clocks(dossier), ElementsAre("FOLLOW_UP receiver 11-26T15:00"));
  for (int report = 0; report < 4; ++report) {
    EXPECT_OK(dossier.ByReceiver(Kind::kFollowUp));
  }
  EXPECT_THAT(Clocks(dossier), IsEmpty());
  EXPECT_OK(without.ByHolder(Kind::kPlanAnswered, PlanAnswer{1, true, false}));
  EXPECT_OK(without.ByReceiver(Kind::kAssistanceBegun));
  EXPECT_THAT(Clocks(without), IsEmpty());
  EXPECT_THAT(without.ByReceiver(Kind::kFollowUp),
              FailsWith(ErrorReason::kReferralStateConflict));
}

TEST(ReferralDeadlinesTest, AWithdrawalOwesItsAnswerWithinThreeDays) {
  DossierScript dossier(At(kStart));
  dossier.Send({});
  EXPECT_OK(dossier.ByHolder(Kind::kConsentWithdrawn, Withdrawal{true}));
  EXPECT_THAT(Clocks(dossier), ElementsAre("ERASURE receiver 11-28T11:00"));
  const ReferralDeadline due = DeadlinesOf(dossier.Status()).front();
  EXPECT_FALSE(due.Overdue(due.due));
  EXPECT_TRUE(due.Overdue(due.due + absl::Seconds(1)));
  EXPECT_TRUE(IsOpen(dossier.Status()));
  EXPECT_OK(dossier.Write(false, Kind::kErasureConfirmed, Role::kUnset));
  EXPECT_FALSE(IsOpen(dossier.Status()));
}

TEST(ReferralDeadlinesTest, AReferralIsOpenUntilItEnds) {
  DossierScript dossier(At(kStart));
  EXPECT_TRUE(IsOpen(dossier.Status()));
  dossier.Send({});
  EXPECT_TRUE(IsOpen(dossier.Status()));
  EXPECT_OK(dossier.ByReceiver(Kind::kDeclined));
  EXPECT_FALSE(IsOpen(dossier.Status()));
}

// The holder's node at the deadline, the receiver's a quarter of an hour later.
TEST(ReferralDeadlinesTest, NodesRaiseTheAlarmAndLetExpire) {
  DossierScript dossier(At("2026-11-24T09:00:00Z"));
  dossier.Send({.travels = true}).Acknowledge();
  const absl::Time expiry = dossier.Status().sent_at + absl::Hours(24) * 180;
  EXPECT_EQ(NodeActsAt(dossier.Status(), true), expiry);
  EXPECT_EQ(NodeActsAt(dossier.Status(), false), absl::InfiniteFuture());
  dossier.Accept().AgreeOnPlan();
  EXPECT_OK(dossier.Schedule());
  const absl::Time overdue =
      dossier.Status().schedule->arrives_at + absl::Hours(24);
  EXPECT_GT(NodeActsAt(dossier.Status(), true), overdue);
  EXPECT_EQ(NodeActsAt(dossier.Status(), false), overdue + absl::Minutes(15));
  dossier.AdvanceTo(NodeActsAt(dossier.Status(), true));
  EXPECT_OK(dossier.ByHolder(ReferralEventKind::kAlarmRaised, Role::kUnset));
  EXPECT_EQ(NodeActsAt(dossier.Status(), true), absl::InfiniteFuture());
  EXPECT_EQ(NodeActsAt(dossier.Status(), false), absl::InfiniteFuture());
}

}  // namespace
}  // namespace comity
