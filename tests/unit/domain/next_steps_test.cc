#include "node/domain/next_steps.h"

#include "gmock/gmock.h"
#include "tests/support/dossier_script.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Kind = ReferralEventKind;

const absl::Time kNow = absl::FromUnixSeconds(1800000000);

// What one side's person may do, "!" before what is owed.
class NextStepsTest : public testing::Test {
 protected:
  std::vector<std::string> Of(bool holder, Role role = Role::kCoordinator) {
    std::vector<std::string> names;
    for (const NextStep& each : NextSteps(
             script_.parties(), script_.Status(),
             holder ? script_.parties().holder : script_.parties().receiver,
             role, script_.now())) {
      names.push_back((each.owed ? "!" : "") + std::string(Name(each.step)));
    }
    return names;
  }
  bool HolderOwes() {
    return Owes(script_.parties(), script_.Status(), script_.parties().holder,
                script_.now());
  }
  bool ReceiverOwes() {
    return Owes(script_.parties(), script_.Status(), script_.parties().receiver,
                script_.now());
  }

  DossierScript script_{kNow};
  ReferralTerms adult_{.travels = true};
  ReferralTerms child_{.travels = true, .child = true};
};

TEST_F(NextStepsTest, TheReceiverDecidesOrAsksAndTheHolderMayCancel) {
  script_.Send(adult_).Acknowledge();
  EXPECT_THAT(Of(false), ElementsAre("!accept", "!decline", "!ask"));
  EXPECT_THAT(Of(true), ElementsAre("cancel"));
  EXPECT_THAT(Of(false, Role::kCaseWorker), IsEmpty());
  EXPECT_FALSE(HolderOwes());
  EXPECT_TRUE(ReceiverOwes());
}

TEST_F(NextStepsTest, AQuestionIsOwedAnAnswerByTheHoldersPeople) {
  script_.Send(adult_).Acknowledge();
  ASSERT_OK(script_.ByReceiver(Kind::kInfoRequested));
  EXPECT_THAT(Of(true), ElementsAre("!answer", "cancel"));
  EXPECT_THAT(Of(true, Role::kCaseWorker), ElementsAre("!answer"));
  EXPECT_THAT(Of(false), ElementsAre("decline"));
  EXPECT_FALSE(ReceiverOwes());
}

TEST_F(NextStepsTest, APlanThatSheRefusesIsProposedAnew) {
  script_.Send(adult_).Acknowledge().Accept();
  EXPECT_THAT(Of(true), ElementsAre("!plan propose", "cancel"));
  ASSERT_OK(script_.ByReceiver(Kind::kPlanProposed, PlanVersion{1}));
  EXPECT_THAT(Of(true), ElementsAre("!plan accept", "!plan answer",
                                    "plan propose", "cancel"));
  EXPECT_THAT(Of(false), ElementsAre("plan propose"));
  ASSERT_OK(script_.ByHolder(Kind::kPlanAccepted, PlanVersion{1}));
  ASSERT_OK(script_.ByHolder(Kind::kPlanAnswered, PlanAnswer{1, false}));
  EXPECT_THAT(Of(true), ElementsAre("!plan propose", "cancel"));
}

TEST_F(NextStepsTest, GuardiansSignOnceForEach) {
  script_.Send(child_).Acknowledge().Accept();
  EXPECT_THAT(Of(true, Role::kGuardian), IsEmpty());
  script_.AgreeOnPlan();
  EXPECT_THAT(Of(true, Role::kGuardian), ElementsAre("!approve"));
  ASSERT_OK(script_.ByHolder(Kind::kGuardianApproved,
                             GuardianApproval{1, false}, Role::kGuardian));
  EXPECT_THAT(Of(true, Role::kGuardian), IsEmpty());
  ASSERT_OK(script_.ByReceiver(Kind::kGuardianApproved,
                               GuardianApproval{1, false}, Role::kGuardian));
  EXPECT_THAT(Of(true, Role::kGuardian), ElementsAre("!approve"));
  EXPECT_THAT(Of(true), ElementsAre("plan propose", "cancel"));
}

TEST_F(NextStepsTest, AJourneyIsOwedWhenItsTimeHasCome) {
  script_.Send(adult_).Acknowledge().Accept().AgreeOnPlan();
  EXPECT_THAT(Of(true), ElementsAre("plan propose", "!schedule", "cancel"));
  ASSERT_OK(script_.Schedule());
  EXPECT_FALSE(HolderOwes());
  EXPECT_FALSE(ReceiverOwes());
  script_.AdvanceTo(script_.Status().schedule->departs_at);
  EXPECT_TRUE(HolderOwes());
  EXPECT_FALSE(ReceiverOwes());
  ASSERT_OK(script_.ByHolder(Kind::kDeparted));
  EXPECT_THAT(Of(false), ElementsAre("!arrived"));
  EXPECT_THAT(Of(true), IsEmpty());
  ASSERT_OK(script_.ByReceiver(Kind::kHandedOver));
  EXPECT_THAT(Of(false, Role::kCaseWorker), ElementsAre("!assist"));
}

TEST_F(NextStepsTest, AReportIsOwedAtItsInterval) {
  script_.Send({.travels = false}).Acknowledge().Accept();
  ASSERT_OK(script_.ByHolder(Kind::kPlanProposed, PlanVersion{1}));
  ASSERT_OK(script_.ByReceiver(Kind::kPlanAccepted, PlanVersion{1}));
  ASSERT_OK(script_.ByHolder(Kind::kPlanAnswered, PlanAnswer{1, true, true}));
  EXPECT_THAT(Of(false), ElementsAre("plan propose", "!assist"));
  ASSERT_OK(script_.ByReceiver(Kind::kAssistanceBegun));
  EXPECT_THAT(Of(false), ElementsAre("follow-up", "close"));
  script_.AdvanceTo(script_.Status().assisted_at + absl::Hours(24 * 30));
  EXPECT_THAT(Of(false), ElementsAre("!follow-up", "close"));
}

TEST(NextDraftStepsTest, AnotherPersonClearsAndACoordinatorSends) {
  DraftFacts facts{.consented = true, .screened = true};
  const auto names = [&](Role role, bool drafted_it) {
    std::vector<std::string> found;
    for (const NextStep& step : NextDraftSteps(facts, role, drafted_it)) {
      found.emplace_back(Name(step.step));
    }
    return found;
  };
  EXPECT_THAT(names(Role::kCoordinator, true), IsEmpty());
  EXPECT_THAT(names(Role::kCoordinator, false), ElementsAre("clear"));
  facts.risk_cleared = true;
  EXPECT_THAT(names(Role::kCoordinator, true), ElementsAre("send"));
  EXPECT_THAT(names(Role::kCaseWorker, true), IsEmpty());
  facts.consented = false;
  EXPECT_THAT(names(Role::kCoordinator, false), IsEmpty());
}

}  // namespace
}  // namespace comity
