#include "node/policy/policy_lint.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "node/policy/policy_diff.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/policy/analysed_policies.h"

namespace comity {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class PolicyLintTest : public testing::Test {
 protected:
  PolicyLintTest() {
    agreement_.id = "a";
    agreement_.file = "a.textproto";
    agreement_.party = {"NE", "NG"};
    agreement_.valid_from = kSpaceNow - absl::Hours(1);
    agreement_.valid_until = kSpaceNow + absl::Hours(24 * 365);
    agreement_.digest = "d";
    agreement_.grants = {AGrant("g")};
    national_.node = "NE";
    national_.file = "ne.textproto";
  }

  static Grant AGrant(const std::string& id) {
    Grant grant;
    grant.id = id;
    grant.holder = {"NE"};
    grant.asker = {"NG"};
    grant.role = {Role::kCaseWorker};
    grant.operation = {Operation::kCaseQuery};
    grant.purpose = {Purpose::kProtection};
    grant.basis = {LegalBasis::kConsent};
    grant.when.consent = {ConsentState::kGiven};
    grant.release = {FieldGroup::kStatus};
    grant.places.rule = {10, 3};
    return grant;
  }
  Deny& AddDeny(const std::string& id) {
    national_.denies.push_back({id});
    national_.denies.back().places.rule = {20, 3};
    return national_.denies.back();
  }

  std::vector<LintFinding> Lint() {
    auto findings = LintPolicies(HolderPolicies({agreement_}, {national_}),
                                 {local_}, options_);
    EXPECT_THAT(findings.status(), IsOk());
    return *std::move(findings);
  }
  std::vector<std::string> Codes() {
    std::vector<std::string> codes;
    for (const LintFinding& finding : Lint()) codes.push_back(finding.code);
    return codes;
  }

  Agreement agreement_;
  NationalRules national_;
  LocalAccess local_;
  LintOptions options_{kSpaceNow};
};

TEST_F(PolicyLintTest, FindsNothingInWhatIsInOrder) {
  AddDeny("consent").when.consent = {ConsentState::kGiven};
  national_.denies[0].when.age = {AgeClass::kChild};
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(PolicyLintTest, AGrantThatDenialsCoverIsUnreachable) {
  AddDeny("children").when.age = {AgeClass::kChild};
  AddDeny("others").when.age = {AgeClass::kAdult, AgeClass::kAgeDisputed};
  const auto findings = Lint();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].code, "grant-unreachable");
  EXPECT_THAT(findings[0].ToString(),
              HasSubstr("a.textproto:10:3: warning: grant g gives nothing: "
                        "national denials refuse whatever fits it (children, "
                        "others); try: "));
  ASSERT_TRUE(findings[0].witness.has_value());
  EXPECT_FALSE(HolderPolicies({agreement_}, {national_})
                   .Decide("a", *findings[0].witness)
                   .permitted);
}

TEST_F(PolicyLintTest, AGrantInsideAnotherIsShadowed) {
  Grant inside = AGrant("inside");
  inside.when.age = {AgeClass::kAdult};
  inside.duties.retention_days = 30;
  agreement_.grants.push_back(inside);
  const auto findings = Lint();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].code, "grant-shadowed");
  EXPECT_THAT(findings[0].message,
              HasSubstr("grant inside gives nothing that g does not give"));
}

TEST_F(PolicyLintTest, GrantsThatOnlyOverlapAreNotShadowed) {
  Grant other = AGrant("other");
  other.role = {Role::kCaseWorker, Role::kCoordinator};
  other.when.age = {AgeClass::kAdult};
  agreement_.grants.push_back(other);
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(PolicyLintTest, SaysWhatEndedAndWhatEndsWithin30Days) {
  options_.now = agreement_.valid_until - absl::Hours(24 * 29);
  EXPECT_THAT(Codes(), testing::ElementsAre("agreement-ends-soon"));
  options_.now = agreement_.valid_until;
  EXPECT_THAT(Codes(), testing::ElementsAre("agreement-expired"));
  options_.now = kSpaceNow;
  agreement_.grants[0].valid_until = kSpaceNow + absl::Hours(24);
  EXPECT_THAT(Codes(), testing::ElementsAre("grant-ends-soon"));
  agreement_.grants[0].valid_until = kSpaceNow;
  EXPECT_THAT(Codes(), testing::ElementsAre("grant-expired"));
}

TEST_F(PolicyLintTest, FindsNamesThatNothingUses) {
  agreement_.groups = {{"club", {{"NG"}}, {5, 3}}};
  Deny& deny = AddDeny("d");
  deny.role = {Role::kCaseWorker, Role::kGuardian};
  deny.purpose = {Purpose::kProtection, Purpose::kOversight};
  deny.withhold = {FieldGroup::kStatus, FieldGroup::kMedical};
  deny.when.age = {AgeClass::kChild};
  EXPECT_THAT(Codes(),
              testing::ElementsAre("group-unused", "field-unreleased",
                                   "role-ungranted", "purpose-ungranted"));
}

TEST_F(PolicyLintTest, FindsDutiesOnWhatIsNotReleased) {
  agreement_.grants[0]
      .duties.redact[static_cast<size_t>(FieldGroup::kDemographic)] =
      Redaction::kAgeBand5;
  EXPECT_THAT(Codes(), testing::ElementsAre("field-unreleased"));
}

TEST_F(PolicyLintTest, FindsRolesThatMayAskAndAreNeverAnswered) {
  LocalGrant allow;
  allow.id = "coordinators";
  allow.role = {Role::kCoordinator};
  allow.operation = {LocalOperation::kCaseQueryAsk};
  local_.grants = {allow};
  EXPECT_THAT(Codes(), testing::ElementsAre("role-ungranted"));
  local_.grants[0].role = {Role::kCoordinator, Role::kCaseWorker};
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(PolicyLintTest, FindsDenialsAndRequirementsThatFitNothing) {
  AddDeny("stranger").asker = {"GH"};
  Require require;
  require.id = "r";
  require.operation = {Operation::kIdentityRelease};
  require.duties.approvals = 1;
  national_.requires_ = {require};
  EXPECT_THAT(Codes(), testing::ElementsAre("requirement-matches-nothing"));
  national_.denies[0].operation = {Operation::kIdentityRelease};
  EXPECT_THAT(Codes(),
              testing::UnorderedElementsAre("denial-matches-nothing",
                                            "requirement-matches-nothing"));
}

TEST_F(PolicyLintTest, ADenialThatOnlyRepeatsAConditionIsASafeguard) {
  AddDeny("ended").operation = {Operation::kCaseQuery};
  national_.denies[0].when.consent = {ConsentState::kWithdrawn};
  const auto findings = Lint();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].code, "denial-without-effect");
  EXPECT_TRUE(findings[0].safeguard);
  EXPECT_THAT(findings[0].ToString(),
              HasSubstr("20:3: note: denial ended refuses nothing"));
}

TEST_F(PolicyLintTest, FindsRequirementsThatAddNothing) {
  agreement_.grants[0].duties.retention_days = 7;
  Require require;
  require.id = "r";
  require.duties.retention_days = 30;
  national_.requires_ = {require};
  EXPECT_THAT(Codes(), testing::ElementsAre("requirement-without-effect"));
  national_.requires_[0].duties.retention_days = 5;
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(PolicyLintTest, FindsApprovalsThatNobodyCanGive) {
  agreement_.grants[0].duties.approvals = 3;
  EXPECT_THAT(Codes(), IsEmpty());
  options_.approvers = 2;
  EXPECT_THAT(Codes(), testing::ElementsAre("approvals-unreachable"));
}

TEST_F(PolicyLintTest, SaysWhatBecameBroader) {
  const HolderPolicies previous({agreement_}, {national_});
  options_.previous = &previous;
  EXPECT_THAT(Codes(), IsEmpty());
  agreement_.grants[0].release = {FieldGroup::kStatus, FieldGroup::kMedical};
  const auto findings = Lint();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].code, "broader-than-before");
  EXPECT_EQ(findings[0].place, (FilePlace{10, 3}));
  EXPECT_THAT(findings[0].message, HasSubstr("MEDICAL"));
}

TEST_F(PolicyLintTest, CountsDenialsThatEveryDecisionReads) {
  for (int i = 0; i < 64; ++i) {
    AddDeny(absl::StrCat("d", i)).when.age = {AgeClass::kChild};
  }
  EXPECT_THAT(Codes(), IsEmpty());
  AddDeny("one-more").when.age = {AgeClass::kChild};
  EXPECT_THAT(Codes(), testing::ElementsAre("too-many-open-denials"));
}

// Lint calls a grant unreachable or shadowed exactly if without it nobody is
// told less.
TEST_F(PolicyLintTest, IdleGrantsAreThoseThatDiffDoesNotMiss) {
  size_t idle = 0;
  for (uint32_t seed = 0; seed < 40; ++seed) {
    PolicyDraw draw(seed);
    agreement_ = draw.AnAgreement();
    national_ = draw.ANational();
    agreement_.grants[1] = agreement_.grants[0];
    agreement_.grants[1].id = "inside";
    if (draw.OneIn(2)) agreement_.grants[1].role = draw.Roles();
    if (draw.OneIn(2)) agreement_.grants[1].when.stage = {DossierStage::kSent};
    agreement_.grants[2].holder = {"NG"};
    AddDeny("wide").role = agreement_.grants[2].role;
    const auto findings = Lint();
    const HolderPolicies with({agreement_}, {national_});
    for (const Grant& grant : agreement_.grants) {
      Agreement less = agreement_;
      std::erase_if(less.grants,
                    [&](const Grant& each) { return each.id == grant.id; });
      const auto diff =
          DiffPolicies(with, HolderPolicies({less}, {national_}), {kSpaceNow});
      ASSERT_THAT(diff.status(), IsOk());
      const bool found = std::any_of(
          findings.begin(), findings.end(), [&](const LintFinding& each) {
            return absl::StartsWith(each.code, "grant-") &&
                   !absl::StrContains(each.code, "-ends-") &&
                   absl::StartsWith(each.message, "grant " + grant.id + " ");
          });
      EXPECT_EQ(found, diff->Count(ChangeKind::kNarrowed) == 0)
          << "seed " << seed << ", " << grant.id;
      idle += found ? 1 : 0;
    }
  }
  EXPECT_GT(idle, 8u);
}

TEST_F(PolicyLintTest, FindsEpsilonThatProtectsNobodyOrIsNeverReached) {
  Duties& duties = agreement_.grants[0].duties;
  duties.epsilon_thousandths = 1001;
  duties.epsilon_asker_thousandths = 5000;
  duties.epsilon_all_thousandths = 4000;
  EXPECT_THAT(Codes(), IsEmpty());
  duties.count_method = CountMethod::kDiscreteLaplace;
  EXPECT_THAT(Codes(), testing::UnorderedElementsAre(
                           "epsilon-large", "epsilon-budget-unreachable"));
  duties.epsilon_thousandths = 1000;
  duties.epsilon_all_thousandths = 5000;
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(PolicyLintTest, FindsDeltasThatEndBeforeEpsilonOrAddUpToMuch) {
  Duties& duties = agreement_.grants[0].duties;
  duties.count_method = CountMethod::kDiscreteGaussian;
  duties.epsilon_thousandths = 500;
  duties.epsilon_asker_thousandths = 5000;
  duties.epsilon_all_thousandths = 5000;
  // Ten tables of one in a million each are one in a hundred thousand, which is
  // the budget where no file says another.
  duties.delta_exponent = 6;
  EXPECT_THAT(Codes(), IsEmpty());
  duties.epsilon_all_thousandths = 5500;
  EXPECT_THAT(Codes(), testing::ElementsAre("delta-budget-first"));
  duties.delta_budget_exponent = 4;
  EXPECT_THAT(Codes(), testing::ElementsAre("delta-large"));
  duties.delta_budget_exponent = 6;
  EXPECT_THAT(Codes(), testing::ElementsAre("delta-budget-first"));
  duties.delta_budget_exponent = 0;
  duties.delta_exponent = 7;
  EXPECT_THAT(Codes(), IsEmpty());
  // The Laplace has none.
  duties.delta_exponent = 6;
  duties.count_method = CountMethod::kDiscreteLaplace;
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(PolicyLintTest, FindsDeadlinesThatNothingRuns) {
  agreement_.stated_deadlines = {"expiry_days"};
  agreement_.places.fields["deadlines"] = {30, 3};
  EXPECT_THAT(Codes(), testing::ElementsAre("deadlines-unused"));
  EXPECT_EQ(Lint()[0].place.line, 30);
  agreement_.grants[0].operation = {Operation::kCaseQuery,
                                    Operation::kReferralDeliver};
  EXPECT_THAT(Codes(), IsEmpty());
}

TEST_F(PolicyLintTest, FindsDeadlinesThatStandInEachOthersWay) {
  agreement_.grants[0].operation = {Operation::kReferralDeliver};
  agreement_.stated_deadlines = {"triage_working_days"};
  agreement_.deadlines.triage_working_days = 10;
  EXPECT_THAT(Codes(), IsEmpty());
  agreement_.deadlines.triage_working_days = 11;
  EXPECT_THAT(Codes(), testing::ElementsAre("deadline-out-of-order"));
  agreement_.deadlines.triage_working_days = 3;
  // Ten working days are two weeks.
  agreement_.deadlines.expiry_days = 15;
  EXPECT_THAT(Codes(), IsEmpty());
  agreement_.deadlines.expiry_days = 14;
  EXPECT_THAT(Codes(), testing::ElementsAre("deadline-out-of-order"));
}

}  // namespace
}  // namespace comity
