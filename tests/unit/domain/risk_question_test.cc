#include "gmock/gmock.h"
#include "node/domain/next_steps.h"
#include "node/domain/referral_deadlines.h"
#include "tests/support/dossier_script.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;
using Kind = ReferralEventKind;

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kDay = absl::Hours(24);

// She agreed to a plan by which she travels.
DossierScript Planned() {
  DossierScript dossier(kStart);
  dossier.Send({.travels = true}).Accept().AgreeOnPlan();
  return dossier;
}

void ExpectRefused(const absl::Status& status, const char* why) {
  EXPECT_THAT(status, FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_THAT(std::string(status.message()), HasSubstr(why));
}

TEST(RiskQuestionTest, NoReturnIsScheduledUntilTheReceiverHasAnswered) {
  DossierScript dossier = Planned();
  EXPECT_OK(dossier.ByHolder(Kind::kRiskAsked, Role::kCaseWorker));
  ExpectRefused(dossier.Schedule(), "has not answered");
  ExpectRefused(dossier.ByHolder(Kind::kRiskAsked), "is open");
  EXPECT_OK(dossier.ByReceiver(Kind::kRiskAnswered,
                               RiskAnswer{dossier.now() + kDay * 10},
                               Role::kCaseWorker));
  EXPECT_OK(dossier.Schedule());
}

TEST(RiskQuestionTest, SheConfirmsHerDecisionKnowingTheAnswer) {
  DossierScript dossier = Planned();
  EXPECT_OK(dossier.ByHolder(Kind::kRiskAsked));
  EXPECT_OK(dossier.ByReceiver(Kind::kRiskAnswered,
                               RiskAnswer{dossier.now() + kDay * 10}));
  ReturnSchedule schedule = dossier.GoodSchedule();
  schedule.reconfirmed_at = dossier.Status().risk->answered_at - absl::Hours(1);
  ExpectRefused(dossier.ByHolder(Kind::kReturnScheduled, schedule),
                "knowing the receiver's answer");
  schedule.reconfirmed_at = dossier.Status().risk->answered_at;
  EXPECT_OK(dossier.ByHolder(Kind::kReturnScheduled, schedule));
}

TEST(RiskQuestionTest, AnAnswerThatEndsBeforeTheDepartureIsAskedForAgain) {
  DossierScript dossier = Planned();
  const auto answer = [&dossier](absl::Duration holds) {
    return dossier.ByReceiver(Kind::kRiskAnswered,
                              RiskAnswer{dossier.now() + holds});
  };
  EXPECT_OK(dossier.ByHolder(Kind::kRiskAsked));
  ExpectRefused(answer(kDay * 31), "30 days at most");
  ExpectRefused(answer(absl::ZeroDuration()), "30 days at most");
  EXPECT_OK(answer(kDay * 2));
  ExpectRefused(dossier.Schedule(), "ask again");
  EXPECT_OK(dossier.ByHolder(Kind::kRiskAsked));
  ExpectRefused(dossier.Schedule(), "has not answered");
  EXPECT_OK(answer(kDay * 30));
  EXPECT_OK(dossier.Schedule());
}

TEST(RiskQuestionTest, Law4TheHolderAsksOnceSheIsAcceptedAndIfSheTravels) {
  DossierScript early(kStart);
  early.Send({.travels = true}).Acknowledge();
  ExpectRefused(early.ByHolder(Kind::kRiskAsked), "between acceptance");
  early.Accept();
  ExpectRefused(early.ByReceiver(Kind::kRiskAsked), "the holder's people");
  ExpectRefused(
      early.ByReceiver(Kind::kRiskAnswered, RiskAnswer{early.now() + kDay}),
      "no question");
  EXPECT_OK(early.ByHolder(Kind::kRiskAsked));
  ExpectRefused(
      early.ByHolder(Kind::kRiskAnswered, RiskAnswer{early.now() + kDay}),
      "the receiver's people");
  DossierScript stays(kStart);
  stays.Send({}).Accept();
  ExpectRefused(stays.ByHolder(Kind::kRiskAsked), "without travel");
}

TEST(RiskQuestionTest, TheReceiverOwesTheAnswerWithinFiveWorkingDays) {
  DossierScript dossier = Planned();
  const absl::Time asked = dossier.now();
  EXPECT_OK(dossier.ByHolder(Kind::kRiskAsked));
  const std::vector<ReferralDeadline> clocks = DeadlinesOf(dossier.Status());
  ASSERT_FALSE(clocks.empty());
  EXPECT_EQ(clocks[0].kind, DeadlineKind::kRiskAnswer);
  EXPECT_EQ(clocks[0].owing, Owing::kReceiver);
  EXPECT_EQ(clocks[0].due, AddWorkingDays(asked, 5));
  const std::vector<NextStep> steps =
      NextSteps(dossier.parties(), dossier.Status(), dossier.parties().receiver,
                Role::kCaseWorker, dossier.now());
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(Name(steps[0].step), "risk answer");
  EXPECT_TRUE(steps[0].owed);
  EXPECT_OK(dossier.ByReceiver(Kind::kRiskAnswered,
                               RiskAnswer{dossier.now() + kDay}));
  for (const ReferralDeadline& each : DeadlinesOf(dossier.Status())) {
    EXPECT_NE(each.kind, DeadlineKind::kRiskAnswer);
  }
}

}  // namespace
}  // namespace comity
