#include "node/policy/explanation.h"

#include "node/policy/judge.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::ElementsAre;

const ParticipantCode kHolder = *ParticipantCode::Create("NG");
const ParticipantCode kAsker = *ParticipantCode::Create("TD");
const absl::Time kNow = absl::FromCivil(absl::CivilMinute(2026, 11, 25, 10, 30),
                                        absl::UTCTimeZone());

// The emergency agreement of policy.md 1.5, with one denial.
PolicySet EmergencySet() {
  Agreement agreement;
  agreement.id = "ng-td";
  agreement.file = "ng-td.textproto";
  agreement.party = {"NG", "TD"};
  agreement.valid_from = kNow - absl::Hours(24);
  agreement.valid_until = kNow + absl::Hours(24);
  agreement.digest = std::string(32, 'd');
  agreement.places.fields = {{"valid_until", {7, 3}}};
  Grant triage;
  triage.id = "triage";
  triage.holder = {"NG"};
  triage.asker = {"TD"};
  triage.role = {Role::kCoordinator};
  triage.operation = {Operation::kCaseQuery};
  triage.purpose = {Purpose::kProtection};
  triage.basis = {LegalBasis::kConsent};
  triage.when.consent = {ConsentState::kGiven};
  triage.when.age = {AgeClass::kAdult};
  triage.release = {FieldGroup::kStatus, FieldGroup::kNeeds};
  triage.duties.max_per_day = 5;
  triage.places = {{12, 3}, {{"role", {15, 5}}, {"when.age", {20, 12}}}};
  Grant life = triage;
  life.id = "life-at-risk";
  life.basis = {LegalBasis::kVitalInterest};
  life.when = When();
  life.break_glass = true;
  life.places = {{24, 3}, {{"basis", {27, 5}}}};
  agreement.grants = {triage, life};
  PolicySet set;
  set.agreements = {agreement};
  set.national.emplace();
  set.national->file = "ng.textproto";
  Deny deny;
  deny.id = "hide-shelter";
  deny.when.risk_any_of = {RiskMarker::kFamily};
  deny.withhold = {FieldGroup::kNeeds};
  deny.places = {{3, 3}, {{"when.risk_any_of", {5, 10}}}};
  set.national->denies = {deny};
  return set;
}

class ExplanationTest : public testing::Test {
 protected:
  ExplanationTest() {
    record_.present = true;
    record_.danger = BuiltInDanger::kNone;
    record_.consent.fill(ConsentState::kGiven);
    record_.age = AgeClass::kAdult;
    record_.risks_known = true;
  }
  Explanation Run() const {
    return Explain(CompiledPolicy(set_), request_, record_, state_);
  }

  PolicySet set_ = EmergencySet();
  RecordFacts record_;
  StateFacts state_;
  RequestFacts request_{kNow,
                        kHolder,
                        kAsker,
                        kHolder,
                        kAsker,
                        Role::kCoordinator,
                        "",
                        Operation::kCaseQuery,
                        Purpose::kProtection,
                        LegalBasis::kConsent,
                        "ng-td",
                        std::string(32, 'd'),
                        {FieldGroup::kStatus, FieldGroup::kNeeds}};
};

TEST_F(ExplanationTest, NamesEveryConditionOfEachGrantWithItsPlace) {
  request_.role = Role::kCaseWorker;
  record_.age = AgeClass::kChild;
  const Explanation explanation = Run();
  EXPECT_EQ(explanation.decision.reason, ErrorReason::kNoGrant);
  EXPECT_TRUE(explanation.decision.shared);
  const RuleNote& triage = explanation.rules[0];
  EXPECT_EQ(triage.applies, Truth::kFalse);
  EXPECT_FALSE(triage.deciding);
  EXPECT_EQ(triage.file, "ng-td.textproto");
  ASSERT_EQ(triage.failed.size(), 2u);
  EXPECT_EQ(triage.failed[0].fact, "role");
  EXPECT_EQ(triage.failed[0].value, "CASE_WORKER");
  EXPECT_THAT(triage.failed[0].allowed, ElementsAre("COORDINATOR"));
  EXPECT_EQ(triage.failed[0].place, (FilePlace{15, 5}));
  EXPECT_EQ(triage.failed[1].fact, "when.age");
  EXPECT_EQ(triage.failed[1].value, "CHILD");
  EXPECT_EQ(triage.failed[1].place, (FilePlace{20, 12}));
  const RuleNote& life = explanation.rules[1];
  ASSERT_EQ(life.failed.size(), 3u);
  EXPECT_EQ(life.failed[1].fact, "basis");
  EXPECT_EQ(life.failed[1].place, (FilePlace{27, 5}));
  EXPECT_EQ(life.failed[2].fact, "break_glass");
  EXPECT_EQ(life.failed[2].place, (FilePlace{24, 3}));
}

TEST_F(ExplanationTest, MarksTheRulesThatDecideAPermit) {
  const Explanation explanation = Run();
  EXPECT_EQ(explanation.decision.outcome, Outcome::kPermit);
  EXPECT_TRUE(explanation.rules[0].deciding);
  EXPECT_EQ(explanation.rules[0].groups, request_.wanted);
  EXPECT_FALSE(explanation.rules[1].deciding);
  EXPECT_EQ(explanation.rules[2].applies, Truth::kFalse);
  EXPECT_TRUE(explanation.withheld.empty());
}

TEST_F(ExplanationTest, ADenialThatActsOnWhatIsNotKnownSaysSo) {
  record_.risks_known = false;
  const Explanation explanation = Run();
  EXPECT_EQ(explanation.withheld, FieldGroups{FieldGroup::kNeeds});
  const RuleNote& deny = explanation.rules[2];
  EXPECT_EQ(deny.applies, Truth::kUnknown);
  EXPECT_EQ(deny.groups, FieldGroups{FieldGroup::kNeeds});
  ASSERT_EQ(deny.failed.size(), 1u);
  EXPECT_EQ(deny.failed[0].value, "not known");
  EXPECT_EQ(deny.failed[0].truth, Truth::kUnknown);
  EXPECT_EQ(deny.failed[0].place, (FilePlace{5, 10}));
}

TEST_F(ExplanationTest, NamesTheDenialsThatLeaveNothing) {
  request_.wanted = {FieldGroup::kNeeds};
  set_.national->denies[0].when = When();
  const Explanation explanation = Run();
  EXPECT_EQ(explanation.decision.private_reason, PrivateReason::kNothingLeft);
  EXPECT_FALSE(explanation.decision.shared);
  EXPECT_FALSE(explanation.rules[0].deciding);
  EXPECT_TRUE(explanation.rules[2].deciding);
}

TEST_F(ExplanationTest, ConsentIsNotedForTheGroupsThatLackIt) {
  record_.consent[static_cast<size_t>(FieldGroup::kNeeds)] =
      ConsentState::kRefused;
  const Explanation explanation = Run();
  const RuleNote& triage = explanation.rules[0];
  EXPECT_EQ(triage.applies, Truth::kTrue);
  EXPECT_EQ(triage.groups, FieldGroups{FieldGroup::kStatus});
  ASSERT_EQ(triage.failed.size(), 1u);
  EXPECT_EQ(triage.failed[0].groups, FieldGroups{FieldGroup::kNeeds});
  EXPECT_EQ(triage.failed[0].value, "REFUSED");
}

TEST_F(ExplanationTest, TellsWhenALimitIsFreeAgain) {
  state_.used = {{0, LimitKind::kDay, 5}};
  const Explanation explanation = Run();
  EXPECT_EQ(explanation.decision.reason, ErrorReason::kLimitReached);
  ASSERT_EQ(explanation.limits.size(), 1u);
  EXPECT_EQ(explanation.limits[0].used, 5u);
  EXPECT_EQ(explanation.limits[0].max, 5u);
  EXPECT_EQ(explanation.limits[0].resets,
            absl::FromCivil(absl::CivilDay(2026, 11, 26), absl::UTCTimeZone()));
  EXPECT_TRUE(explanation.rules[0].deciding);
}

TEST_F(ExplanationTest, TellsThatABudgetOfEpsilonIsSpentForGood) {
  set_.agreements[0].grants[0].duties.epsilon_asker_thousandths = 1000;
  set_.agreements[0].grants[0].duties.epsilon_all_thousandths = 9000;
  state_.epsilon_spent = 600;
  state_.epsilon_new = 500;
  const Explanation explanation = Run();
  EXPECT_EQ(explanation.decision.reason, ErrorReason::kLimitReached);
  ASSERT_EQ(explanation.limits.size(), 1u);
  EXPECT_EQ(explanation.limits[0].window, "period (thousandths of epsilon)");
  EXPECT_EQ(explanation.limits[0].used, 1100u);
  EXPECT_EQ(explanation.limits[0].max, 1000u);
  EXPECT_EQ(explanation.limits[0].resets, absl::InfiniteFuture());
  EXPECT_TRUE(explanation.rules[0].deciding);
}

TEST_F(ExplanationTest, TellsThatTheBudgetOfDeltaIsSpentForGood) {
  state_.delta_spent = 10'000'000;
  state_.delta_new = 1000;
  const Explanation explanation = Run();
  EXPECT_EQ(explanation.decision.reason, ErrorReason::kLimitReached);
  ASSERT_EQ(explanation.limits.size(), 1u);
  EXPECT_EQ(explanation.limits[0].window, "period (trillionths of delta)");
  EXPECT_EQ(explanation.limits[0].used, 10'001'000u);
  EXPECT_EQ(explanation.limits[0].max, 10'000'000u);
}

TEST_F(ExplanationTest, WindowsEndAtFullHoursDaysAndMonthsOfUtc) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  EXPECT_EQ(WindowEnd(LimitKind::kHour, kNow),
            absl::FromCivil(absl::CivilHour(2026, 11, 25, 11), utc));
  EXPECT_EQ(WindowEnd(LimitKind::kOfficerDay, kNow),
            absl::FromCivil(absl::CivilDay(2026, 11, 26), utc));
  EXPECT_EQ(WindowEnd(LimitKind::kMonth, kNow),
            absl::FromCivil(absl::CivilMonth(2026, 12), utc));
}

TEST_F(ExplanationTest, SaysWhatIsWrongBeforeAnyRule) {
  request_.now = kNow + absl::Hours(24);
  Explanation explanation = Run();
  ASSERT_EQ(explanation.request.size(), 1u);
  EXPECT_EQ(explanation.request[0].fact, "valid_until");
  EXPECT_EQ(explanation.request[0].place, (FilePlace{7, 3}));
  EXPECT_EQ(explanation.agreement_file, "ng-td.textproto");
  request_.agreement_digest = std::string(32, 'x');
  explanation = Run();
  ASSERT_EQ(explanation.request.size(), 1u);
  EXPECT_EQ(explanation.request[0].fact, "agreement");
  EXPECT_EQ(explanation.request[0].value, "ng-td of digest 78787878");
  EXPECT_THAT(explanation.request[0].allowed, ElementsAre("ng-td@0 64646464"));
  request_.basis = LegalBasis::kUnset;
  explanation = Run();
  ASSERT_EQ(explanation.request.size(), 1u);
  EXPECT_EQ(explanation.request[0].fact, "basis");
}

}  // namespace
}  // namespace comity
