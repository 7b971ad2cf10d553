#include "node/domain/crossed_reports.h"

#include "node/domain/referral_deadlines.h"
#include "tests/support/dossier_script.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = ReferralEventKind;
using State = ReferralState;

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

// A plan of this version that she agrees to, reports with it.
void AgreeToReports(DossierScript& dossier, uint32_t version) {
  EXPECT_OK(dossier.ByHolder(Kind::kPlanProposed, PlanVersion{version}));
  EXPECT_OK(dossier.ByReceiver(Kind::kPlanAccepted, PlanVersion{version}));
  EXPECT_OK(
      dossier.ByHolder(Kind::kPlanAnswered, PlanAnswer{version, true, true}));
}

// She is assisted, and opted in to reports.
DossierScript Assisted() {
  DossierScript dossier(kStart);
  dossier.Send({}).Accept();
  AgreeToReports(dossier, 1);
  EXPECT_OK(dossier.ByReceiver(Kind::kAssistanceBegun));
  return dossier;
}

TEST(CrossedReportsTest, Law5AfterHerNoNoReportIsDueAndNoneIsTaken) {
  DossierScript dossier = Assisted();
  EXPECT_THAT(DeadlinesOf(dossier.Status()), testing::Not(IsEmpty()));
  EXPECT_OK(dossier.ByReceiver(Kind::kFollowUp));
  EXPECT_OK(dossier.ByReceiver(Kind::kFollowUpStopped,
                               Role::kSurvivorRepresentative));
  EXPECT_THAT(DeadlinesOf(dossier.Status()), IsEmpty());
  EXPECT_EQ(dossier.Status().state, State::kInAssistance);
  EXPECT_FALSE(dossier.Status().withdrawal);
  const absl::Status refused = dossier.ByReceiver(Kind::kFollowUp);
  EXPECT_THAT(refused, FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("wants no follow-up reports any more"));
  // What came before stays.
  EXPECT_EQ(dossier.Status().follow_ups, 1);
  EXPECT_THAT(CrossedReports(dossier.events()), IsEmpty());
  EXPECT_THAT(dossier.ByHolder(Kind::kFollowUpStopped),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_OK(dossier.ByReceiver(Kind::kClosed));
}

TEST(CrossedReportsTest, WhoNeverOptedInHasNothingToTakeBack) {
  DossierScript dossier(kStart);
  dossier.Send({}).Accept().AgreeOnPlan();
  EXPECT_THAT(dossier.ByHolder(Kind::kFollowUpStopped),
              FailsWith(ErrorReason::kReferralStateConflict));
}

// The report is the earlier one by the clocks; its author had not read her no,
// and whoever wrote that down had not read the report.
TEST(CrossedReportsTest, Law5AReportThatCrossesWithHerNoHasNoEffectAnywhere) {
  DossierScript at_holder = Assisted();
  DossierScript at_receiver = at_holder;
  at_receiver.UseIds(uint64_t{1} << 32);
  EXPECT_OK(at_receiver.ByReceiver(Kind::kFollowUp));
  at_holder.AdvanceTo(at_holder.now() + absl::Hours(48));
  EXPECT_OK(at_holder.ByHolder(Kind::kFollowUpStopped, Role::kCaseWorker));
  const ReferralEvent report = at_receiver.events().back();
  const ReferralEvent stop = at_holder.events().back();
  // Neither is refused: what its author writes next builds on it.
  EXPECT_OK(at_holder.Take(report));
  EXPECT_OK(at_receiver.Take(stop));
  for (const DossierScript* side : {&at_holder, &at_receiver}) {
    EXPECT_THAT(CrossedReports(OrderEvents(side->events())),
                ElementsAre(report.event_id));
    EXPECT_EQ(side->Status().follow_ups, 0);
    EXPECT_TRUE(side->Status().follow_up_stopped);
  }
  EXPECT_OK(at_receiver.ByReceiver(Kind::kClosed));
  EXPECT_OK(at_holder.Take(at_receiver.events().back()));
  EXPECT_EQ(at_holder.Status().state, State::kClosed);
}

TEST(CrossedReportsTest, WithANewPlanSheMayOptInAgain) {
  DossierScript dossier(kStart);
  dossier.Send({}).Accept();
  AgreeToReports(dossier, 1);
  EXPECT_OK(dossier.ByHolder(Kind::kFollowUpStopped));
  EXPECT_FALSE(dossier.Status().follow_up);
  AgreeToReports(dossier, 2);
  EXPECT_FALSE(dossier.Status().follow_up_stopped);
  EXPECT_OK(dossier.ByReceiver(Kind::kAssistanceBegun));
  EXPECT_OK(dossier.ByReceiver(Kind::kFollowUp));
  EXPECT_EQ(dossier.Status().follow_ups, 1);
}

}  // namespace
}  // namespace comity
