#include "node/policy/judge.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

const ParticipantCode kHolder = *ParticipantCode::Create("NE");
const ParticipantCode kAsker = *ParticipantCode::Create("NG");
const absl::Time kNow = absl::FromUnixSeconds(1790000000);
constexpr FieldGroups kWanted = {FieldGroup::kStatus, FieldGroup::kNeeds};

// NE tells NG status and needs, in any referral or query; counts and matches
// stand in grants of their own. NE's rules are empty until a test fills them.
class JudgeTest : public testing::Test {
 protected:
  JudgeTest() {
    agreement_.id = "a";
    agreement_.party = {"NE", "NG"};
    agreement_.valid_from = kNow - absl::Hours(1);
    agreement_.valid_until = kNow + absl::Hours(1);
    agreement_.digest = std::string(32, 'd');
    AddGrant("cases", {Operation::kCaseQuery, Operation::kReferralDeliver},
             kWanted);
    AddGrant("counts", {Operation::kAggregateCount}, {});
    agreement_.grants.back().tables = {{"Q2/1", {{"age_group", "sex"}, {}}}};
    AddGrant("matches", {Operation::kPersonMatch}, {});
    rules_.node = "NE";
    record_.present = true;
    record_.danger = BuiltInDanger::kNone;
    record_.age = AgeClass::kAdult;
    record_.consent.fill(ConsentState::kGiven);
  }

  void AddGrant(const char* id, EnumSet<Operation> operation,
                FieldGroups release) {
    Grant grant;
    grant.id = id;
    grant.holder = {"NE"};
    grant.asker = {"NG"};
    grant.role = {Role::kCoordinator};
    grant.operation = operation;
    grant.purpose = {Purpose::kProtection};
    grant.basis = {LegalBasis::kConsent};
    grant.release = release;
    agreement_.grants.push_back(grant);
  }
  void Ask(Operation operation) {
    request_.operation = operation;
    request_.wanted = FieldGroups();
  }
  Decision Decide() const {
    PolicySet set;
    set.agreements = {agreement_};
    set.national = rules_;
    return Judge(CompiledPolicy(set), request_, record_, state_);
  }

  Agreement agreement_;
  NationalRules rules_;
  RecordFacts record_;
  StateFacts state_;
  RequestFacts request_{kNow,
                        kHolder,
                        kAsker,
                        kHolder,
                        kAsker,
                        Role::kCoordinator,
                        "NAPTIP",
                        Operation::kCaseQuery,
                        Purpose::kProtection,
                        LegalBasis::kConsent,
                        "a",
                        std::string(32, 'd'),
                        kWanted};
};

// Else a second denial, which withholds the group, would turn a hold into a
// permit.
TEST_F(JudgeTest, ARequirementIsJudgedOnWhatWasWantedNotOnWhatIsLeft) {
  record_.consent[static_cast<size_t>(FieldGroup::kNeeds)] =
      ConsentState::kNotAsked;
  Require require{"r"};
  require.when.consent = {ConsentState::kNotAsked};
  require.duties.approvals = 1;
  rules_.requires_ = {require};
  EXPECT_EQ(Decide().outcome, Outcome::kHold);
  Deny deny{"d"};
  deny.withhold = {FieldGroup::kNeeds};
  rules_.denies = {deny};
  EXPECT_EQ(Decide().outcome, Outcome::kHold);
}

TEST_F(JudgeTest, ARequirementReachesCounts) {
  Ask(Operation::kAggregateCount);
  Require require{"r"};
  require.duties.max_per_day = 2;
  rules_.requires_ = {require};
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
  EXPECT_EQ(Decide().duties.max_per_day, 2u);
  state_.used = {{3, LimitKind::kDay, 2}};
  EXPECT_EQ(Decide().private_reason, PrivateReason::kNationalLimit);
}

TEST_F(JudgeTest, ATableThatNoGrantNamesIsRefused) {
  Ask(Operation::kAggregateCount);
  for (const TableShape& open :
       {TableShape{}, TableShape{{"sex"}, {}},
        TableShape{{"age_group", "sex"}, {}},
        TableShape{{"sex"}, {{"age_group", "0-17"}}}}) {
    request_.table = open;
    EXPECT_EQ(Decide().outcome, Outcome::kPermit) << open.Words();
  }
  for (const TableShape& closed :
       {TableShape{{"citizenship"}, {}},
        TableShape{{"age_group", "citizenship", "sex"}, {}},
        TableShape{{"sex"}, {{"citizenship", "NE"}}}}) {
    request_.table = closed;
    EXPECT_EQ(Decide().reason, ErrorReason::kNoGrant) << closed.Words();
    EXPECT_TRUE(Decide().shared);
  }
}

TEST_F(JudgeTest, AMeasureThatNoGrantNamesIsRefused) {
  Ask(Operation::kAggregateCount);
  agreement_.grants[1].tables = {
      {"", {{"sex"}, {}}},
      {"", {{"partner"}, {}, Measure::kMedianAcceptanceDays}}};
  request_.table = {{"partner"}, {}, Measure::kMedianAcceptanceDays};
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
  for (const Measure closed :
       {Measure::kReferrals, Measure::kP90AcceptanceDays}) {
    request_.table.measure = closed;
    EXPECT_EQ(Decide().reason, ErrorReason::kNoGrant) << Name(closed);
    EXPECT_TRUE(Decide().shared);
  }
  request_.table = {{}, {}, Measure::kReferrals};
  EXPECT_EQ(Decide().reason, ErrorReason::kNoGrant);
}

// Two grants side by side open no table of columns of both.
TEST_F(JudgeTest, ATableIsOpenedByOneGrantAlone) {
  Ask(Operation::kAggregateCount);
  agreement_.grants[1].tables = {{"", {{"sex"}, {}}}};
  AddGrant("more-counts", {Operation::kAggregateCount}, {});
  agreement_.grants.back().tables = {{"", {{"age_group"}, {}}}};
  request_.table.by = {"sex"};
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
  request_.table.by = {"age_group", "sex"};
  EXPECT_EQ(Decide().reason, ErrorReason::kNoGrant);
}

TEST_F(JudgeTest, AMatchIsJudgedOnTheRecordThoughItWantsNoField) {
  Ask(Operation::kPersonMatch);
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
  agreement_.grants[2].when.age = {AgeClass::kChild};
  EXPECT_EQ(Decide().private_reason, PrivateReason::kNoConditionHolds);
  agreement_.grants[2].when = When();
  rules_.denies = {Deny{"d"}};
  EXPECT_EQ(Decide().private_reason, PrivateReason::kNationalDeny);
}

TEST_F(JudgeTest, AQuestionForFieldsThatNamesNoneIsMalformed) {
  for (const Operation operation :
       {Operation::kCaseQuery, Operation::kReferralDeliver}) {
    Ask(operation);
    EXPECT_EQ(Decide().reason, ErrorReason::kFieldInvalid);
  }
}

TEST_F(JudgeTest, NobodyAsksItself) {
  request_.peer = kHolder;
  request_.asker = kHolder;
  EXPECT_EQ(Decide().reason, ErrorReason::kFieldInvalid);
}

TEST_F(JudgeTest, AnEventWaitsForNoLimitAndNoApproval) {
  agreement_.duties.max_per_day = 1;
  agreement_.duties.approvals = 2;
  state_.used = {{0, LimitKind::kDay, 9}};
  EXPECT_EQ(Decide().reason, ErrorReason::kLimitReached);
  Ask(Operation::kReferralEvent);
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
  const CompiledPolicy policy({{agreement_}, rules_, std::nullopt});
  EXPECT_TRUE(LimitsOf(policy, request_).empty());
}

TEST_F(JudgeTest, AnEventOutlivesTheAgreementAndCarriesNoField) {
  Ask(Operation::kReferralEvent);
  request_.wanted = kWanted;
  request_.now = agreement_.valid_until;
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
  EXPECT_TRUE(Decide().released.empty());
  request_.now = agreement_.valid_from - absl::Seconds(1);
  EXPECT_EQ(Decide().reason, ErrorReason::kAgreementNotInForce);
}

// Law 3.
TEST_F(JudgeTest, Law3AnEventAboutAFlaggedRecordDoesNotLeave) {
  Ask(Operation::kReferralEvent);
  record_.danger = BuiltInDanger::kNeverContact;
  EXPECT_EQ(Decide().private_reason, PrivateReason::kNeverContact);
}

// Law 3: an unscreened case does not leave.
TEST_F(JudgeTest, Law3ARecordThatItsHolderDidNotReadIsUnscreened) {
  record_ = RecordFacts();
  EXPECT_EQ(Decide().private_reason, PrivateReason::kUnscreened);
  std::swap(request_.self, request_.peer);  // the asker's pre-flight
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
}

TEST_F(JudgeTest, CellsThatTheAskerHasAreFreeWhenTheBudgetIsSpent) {
  Ask(Operation::kAggregateCount);
  agreement_.grants[1].duties.yearly_budget = 10;
  state_.cells_used_this_year = 12;  // the budget was lowered since
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
  state_.new_cells = 1;
  EXPECT_EQ(Decide().reason, ErrorReason::kLimitReached);
  state_.cells_used_this_year = ~uint32_t{0};
  EXPECT_EQ(Decide().reason, ErrorReason::kLimitReached);
}

TEST_F(JudgeTest, MoreLinkedTablesThanTheAgreementLetsAreRefused) {
  Ask(Operation::kAggregateCount);
  state_.linked_tables = 3;
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
  state_.linked_tables = 4;
  EXPECT_EQ(Decide().reason, ErrorReason::kLimitReached);
  agreement_.grants[1].duties.linked_tables = 4;
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
  agreement_.grants[1].duties.linked_tables = 1;
  EXPECT_EQ(Decide().reason, ErrorReason::kLimitReached);
  state_.linked_tables = 0;
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
}

// Epsilon is counted for the asker and for all of them together; neither can
// lend to the other.
TEST_F(JudgeTest, EpsilonThatTheAskerOrAllHaveSpentRefuses) {
  Ask(Operation::kAggregateCount);
  agreement_.grants[1].duties.epsilon_asker_thousandths = 1000;
  agreement_.grants[1].duties.epsilon_all_thousandths = 3000;
  state_.epsilon_spent = 500;
  state_.epsilon_spent_by_all = 2500;
  state_.epsilon_new = 500;
  state_.epsilon_new_for_all = 500;
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
  state_.epsilon_spent = 501;
  EXPECT_EQ(Decide().reason, ErrorReason::kLimitReached);
  state_.epsilon_spent = 500;
  state_.epsilon_spent_by_all = 2501;
  EXPECT_EQ(Decide().reason, ErrorReason::kLimitReached);
  // What was told to somebody before costs the others nothing.
  state_.epsilon_new_for_all = 0;
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
  state_.epsilon_spent = ~uint32_t{0};
  EXPECT_EQ(Decide().reason, ErrorReason::kLimitReached);
}

// The deltas of a period's tables add up, whatever agreement says how much.
TEST_F(JudgeTest, DeltaThatTheAskerOrAllHaveSpentRefuses) {
  Ask(Operation::kAggregateCount);
  state_.delta_spent = 9'999'000;
  state_.delta_spent_by_all = 9'999'000;
  state_.delta_new = 1000;
  state_.delta_new_for_all = 1000;
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
  agreement_.grants[1].duties.delta_budget_exponent = 6;
  EXPECT_EQ(Decide().reason, ErrorReason::kLimitReached);
  agreement_.grants[1].duties.delta_budget_exponent = 0;
  state_.delta_spent = 9'999'001;
  EXPECT_EQ(Decide().reason, ErrorReason::kLimitReached);
  state_.delta_spent = 0;
  state_.delta_spent_by_all = 9'999'001;
  EXPECT_EQ(Decide().reason, ErrorReason::kLimitReached);
  state_.delta_new_for_all = 0;
  EXPECT_EQ(Decide().outcome, Outcome::kPermit);
}

TEST_F(JudgeTest, ADenialThatStepsBackInAnEmergencyOpensAReview) {
  Deny deny{"d"};
  deny.withhold = {FieldGroup::kNeeds};
  deny.break_glass_may_override = true;
  rules_.denies = {deny};
  EXPECT_EQ(Decide().released, FieldGroups{FieldGroup::kStatus});
  EXPECT_FALSE(Decide().break_glass);
  state_.emergency = true;
  EXPECT_EQ(Decide().released, kWanted);
  EXPECT_TRUE(Decide().break_glass);
  request_.wanted = {FieldGroup::kStatus};  // would have been told anyway
  EXPECT_FALSE(Decide().break_glass);
}

}  // namespace
}  // namespace comity
