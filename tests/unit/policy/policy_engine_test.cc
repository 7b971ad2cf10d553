#include "node/policy/policy_engine.h"

#include <random>

#include "node/policy/judge.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

const ParticipantCode kHolder = *ParticipantCode::Create("NE");
const ParticipantCode kAsker = *ParticipantCode::Create("NG");
const absl::Time kNow = absl::FromUnixSeconds(1790000000);

Agreement BilateralAgreement() {
  Agreement agreement;
  agreement.id = "a";
  agreement.party = {"NE", "NG"};
  agreement.valid_from = kNow - absl::Hours(1);
  agreement.valid_until = kNow + absl::Hours(1);
  agreement.digest = std::string(32, 'd');
  Grant grant;
  grant.id = "g";
  grant.holder = {"NE"};
  grant.asker = {"NG"};
  grant.role = {Role::kCoordinator};
  grant.operation = {Operation::kCaseQuery, Operation::kReferralDeliver};
  grant.purpose = {Purpose::kSafeReturn};
  grant.basis = {LegalBasis::kConsent};
  grant.when.consent = {ConsentState::kGiven};
  grant.when.age = {AgeClass::kAdult};
  grant.release = {FieldGroup::kStatus, FieldGroup::kNeeds};
  grant.duties.max_per_day = 5;
  agreement.grants = {grant};
  return agreement;
}

NationalRules Rules(std::vector<Deny> denies,
                    std::vector<Require> requires_ = {}) {
  NationalRules rules;
  rules.node = "NE";
  rules.denies = std::move(denies);
  rules.requires_ = std::move(requires_);
  return rules;
}

class PolicyEngineTest : public testing::Test {
 protected:
  PolicyEngineTest() {
    set_.agreements = {BilateralAgreement()};
    facts_.screening = DangerScreening{kNow, "ANLTP/x", false, {}, false};
    facts_.age = AgeClass::kAdult;
    facts_.origin_countries = {"NG"};
    facts_.exploitation_countries = {"NE"};
    facts_.risks.emplace();
    GiveConsent({FieldGroup::kStatus, FieldGroup::kNeeds});
  }

  void GiveConsent(FieldGroups groups,
                   ConsentState state = ConsentState::kGiven) {
    Consent consent{Uuid(), Uuid(), kAsker};
    consent.purpose = Purpose::kSafeReturn;
    consent.groups = groups;
    consent.state = state;
    consent.given_at = kNow - absl::Minutes(1);
    consent.expires_at = kNow + absl::Hours(1);
    facts_.consents.push_back(consent);
  }

  Ruling Decide() const {
    const PolicyEngine engine(set_, 1);
    return engine.Decide(
        Caller{kAsker, true, "", Role::kUnset, "", ""}, request_,
        ProjectFacts(facts_, DossierStage::kNone, request_), state_, &facts_);
  }
  ErrorReason Reason() const { return Decide().decision.reason; }
  PrivateReason Why() const { return Decide().decision.private_reason; }

  PolicySet set_;
  CaseFacts facts_;
  StateFacts state_;
  RequestFacts request_{kNow,
                        kHolder,
                        kAsker,
                        kHolder,
                        kAsker,
                        Role::kCoordinator,
                        "NAPTIP",
                        Operation::kCaseQuery,
                        Purpose::kSafeReturn,
                        LegalBasis::kConsent,
                        "a",
                        std::string(32, 'd'),
                        {FieldGroup::kStatus, FieldGroup::kNeeds}};
};

TEST_F(PolicyEngineTest, PermitsWhatTheAgreementGrantsUnderConsent) {
  const Ruling ruling = Decide();
  ASSERT_TRUE(ruling.permit.has_value());
  EXPECT_EQ(ruling.permit->groups(), request_.wanted);
  EXPECT_EQ(ruling.decision.duties.max_per_day, 5u);
  EXPECT_THAT(ruling.decision.rules, testing::ElementsAre(0u));
}

// Law 2.
TEST_F(PolicyEngineTest, Law2AnEmptySetDeniesEverythingButProtection) {
  set_ = PolicySet();
  EXPECT_EQ(Reason(), ErrorReason::kAgreementNotInForce);
  request_.operation = Operation::kLogWitness;
  EXPECT_EQ(Decide().decision.outcome, Outcome::kPermit);
}

TEST_F(PolicyEngineTest, RefusesEachDimensionOutsideTheGrant) {
  const RequestFacts good = request_;
  request_.role = Role::kCaseWorker;
  EXPECT_EQ(Reason(), ErrorReason::kNoGrant);
  request_ = good;
  request_.purpose = Purpose::kProtection;
  EXPECT_EQ(Reason(), ErrorReason::kNoGrant);
  request_ = good;
  request_.basis = LegalBasis::kCourtOrder;
  EXPECT_EQ(Reason(), ErrorReason::kNoGrant);
  request_ = good;
  request_.operation = Operation::kIdentityRelease;
  EXPECT_EQ(Reason(), ErrorReason::kNoGrant);
  request_ = good;
  request_.agreement_digest = std::string(32, 'e');
  EXPECT_EQ(Reason(), ErrorReason::kAgreementNotInForce);
  request_ = good;
  request_.wanted = {FieldGroup::kNational};
  EXPECT_EQ(Reason(), ErrorReason::kFieldInvalid);
}

TEST_F(PolicyEngineTest, AnAgreementEndsAtItsLastSecond) {
  request_.now = set_.agreements[0].valid_until - absl::Seconds(1);
  EXPECT_EQ(Decide().decision.outcome, Outcome::kPermit);
  request_.now += absl::Seconds(1);
  EXPECT_EQ(Reason(), ErrorReason::kAgreementNotInForce);
}

// Law 3.
TEST_F(PolicyEngineTest, Law3DangerOutranksEveryFileAndLooksLikeNoRecord) {
  facts_.screening->never_contact = true;
  EXPECT_EQ(Reason(), ErrorReason::kNotAvailable);
  EXPECT_EQ(Why(), PrivateReason::kNeverContact);
  facts_.screening = DangerScreening{kNow, "x", false, {kAsker}, false};
  EXPECT_EQ(Why(), PrivateReason::kNeverShareWith);
  facts_.screening = DangerScreening{kNow, "x", false, {}, true};
  EXPECT_EQ(Why(), PrivateReason::kOfficialInvolvement);
  facts_.origin_countries = {"GH"};
  EXPECT_EQ(Decide().decision.outcome, Outcome::kPermit);
  facts_.origin_countries.reset();  // not known counts as concerned
  EXPECT_EQ(Why(), PrivateReason::kOfficialInvolvement);
}

TEST_F(PolicyEngineTest, Law3AnUnscreenedCaseDoesNotLeave) {
  facts_.screening.reset();
  EXPECT_EQ(Reason(), ErrorReason::kNotAvailable);
}

TEST_F(PolicyEngineTest, ConsentIsJudgedForEachWantedGroup) {
  facts_.consents.clear();
  GiveConsent({FieldGroup::kStatus});
  EXPECT_EQ(Decide().decision.released, FieldGroups{FieldGroup::kStatus});
  facts_.consents[0].withdrawals = {{Uuid(), kNow, {FieldGroup::kStatus}}};
  EXPECT_EQ(Reason(), ErrorReason::kNotAvailable);
}

TEST_F(PolicyEngineTest, AnExpiredConsentCountsAsNotAsked) {
  facts_.consents[0].expires_at = kNow;
  EXPECT_EQ(Reason(), ErrorReason::kNotAvailable);
}

TEST_F(PolicyEngineTest, AnUnknownFactFailsAGrantAndFiresADenial) {
  facts_.age.reset();
  EXPECT_EQ(Reason(), ErrorReason::kNotAvailable);
  facts_.age = AgeClass::kAdult;
  Deny deny;
  deny.id = "d";
  deny.when.risk_any_of = {RiskMarker::kFamily};
  set_.national = Rules({deny});
  EXPECT_EQ(Decide().decision.outcome, Outcome::kPermit);
  facts_.risks.reset();
  EXPECT_EQ(Reason(), ErrorReason::kNotAvailable);
}

TEST_F(PolicyEngineTest, AWithholdingDenialTakesItsGroupsOnly) {
  Deny deny;
  deny.id = "d";
  deny.withhold = {FieldGroup::kNeeds};
  set_.national = Rules({deny});
  EXPECT_EQ(Decide().decision.released, FieldGroups{FieldGroup::kStatus});
}

TEST_F(PolicyEngineTest, ASpentLimitIsToldBeforeTheRecordIsTouched) {
  state_.used = {{0, LimitKind::kDay, 5}};
  facts_.screening->never_contact = true;
  EXPECT_EQ(Reason(), ErrorReason::kLimitReached);
}

TEST_F(PolicyEngineTest, EventsFollowAnyReferralGrantInEitherDirection) {
  request_.operation = Operation::kReferralEvent;
  request_.wanted = FieldGroups();
  std::swap(request_.holder, request_.asker);
  EXPECT_EQ(Decide().decision.outcome, Outcome::kPermit);
  set_.agreements[0].grants[0].operation = {Operation::kCaseQuery};
  EXPECT_EQ(Reason(), ErrorReason::kNoGrant);
}

TEST_F(PolicyEngineTest, ApprovalsOfTheAgreementAreToldBeforeTheRecord) {
  set_.agreements[0].duties.approvals = 2;
  facts_.screening->never_contact = true;
  EXPECT_EQ(Decide().decision.outcome, Outcome::kHold);
  EXPECT_EQ(Decide().decision.approvals_missing, 2u);
  EXPECT_TRUE(Decide().decision.shared);
  state_.approvals = 2;
  EXPECT_EQ(Why(), PrivateReason::kNeverContact);
}

TEST_F(PolicyEngineTest, ApprovalsOfNationalRulesHoldAtHomeAlone) {
  Require require;
  require.id = "r";
  require.when.age = {AgeClass::kChild};
  require.duties.approvals = 1;
  set_.national = Rules({}, {require});
  EXPECT_EQ(Decide().decision.outcome, Outcome::kPermit);
  facts_.age.reset();  // not known: it may be a child
  set_.agreements[0].grants[0].when.age = {};
  EXPECT_EQ(Decide().decision.outcome, Outcome::kHold);
  EXPECT_EQ(Reason(), ErrorReason::kNotAvailable);
  EXPECT_FALSE(Decide().decision.shared);
  state_.approvals_at_home = 1;
  EXPECT_EQ(Decide().decision.outcome, Outcome::kPermit);
}

TEST_F(PolicyEngineTest, ABreakGlassGrantNeedsADeclaredEmergency) {
  Grant& grant = set_.agreements[0].grants[0];
  grant.break_glass = true;
  EXPECT_EQ(Why(), PrivateReason::kNoConditionHolds);
  state_.emergency = true;
  EXPECT_TRUE(Decide().decision.break_glass);
  // Law 3: nothing overrides the danger flags.
  facts_.screening->never_contact = true;
  EXPECT_EQ(Why(), PrivateReason::kNeverContact);
}

TEST_F(PolicyEngineTest, OnlyADenialThatSaysSoStepsBackInAnEmergency) {
  Deny deny;
  deny.id = "d";
  set_.national = Rules({deny});
  state_.emergency = true;
  EXPECT_EQ(Why(), PrivateReason::kNationalDeny);
  set_.national->denies[0].break_glass_may_override = true;
  EXPECT_EQ(Decide().decision.outcome, Outcome::kPermit);
  state_.emergency = false;
  EXPECT_EQ(Why(), PrivateReason::kNationalDeny);
}

TEST_F(PolicyEngineTest, GroupsAreReadOnTheDayOfMembership) {
  Agreement& agreement = set_.agreements[0];
  agreement.groups = {{"region", {{"NE", absl::InfinitePast(), kNow}}}};
  agreement.grants[0].holder = {"@region"};
  EXPECT_EQ(Reason(), ErrorReason::kNoGrant);
  request_.member_on = kNow - absl::Seconds(1);
  EXPECT_EQ(Decide().decision.outcome, Outcome::kPermit);
}

TEST_F(PolicyEngineTest, AnOrganisationThatIsNotKnownFitsNoList) {
  set_.agreements[0].grants[0].organisation = {"NAPTIP"};
  EXPECT_EQ(Decide().decision.outcome, Outcome::kPermit);
  request_.organisation = "POLICE";
  EXPECT_EQ(Reason(), ErrorReason::kNoGrant);
  request_.organisation = "";
  EXPECT_EQ(Reason(), ErrorReason::kNoGrant);
}

TEST_F(PolicyEngineTest, WhatWasReceivedIsBoundToItsPurposeAndSource) {
  facts_.provenance =
      Provenance{*ParticipantCode::Create("TD"), Uuid(), Purpose::kProtection};
  EXPECT_EQ(Why(), PrivateReason::kPurposeBound);
  facts_.provenance->purpose = Purpose::kSafeReturn;
  EXPECT_EQ(Decide().decision.outcome, Outcome::kPermit);
  facts_.provenance->no_onward_transfer = true;
  EXPECT_EQ(Why(), PrivateReason::kOnwardTransfer);
  facts_.provenance->from = kAsker;  // back to where it came from
  EXPECT_EQ(Decide().decision.outcome, Outcome::kPermit);
}

TEST_F(PolicyEngineTest, EachRuleHasLimitsOfItsOwnAndAllAreCharged) {
  Grant second = set_.agreements[0].grants[0];
  second.id = "h";
  second.duties.max_per_day = 3;
  second.duties.max_per_officer_per_day = 2;
  set_.agreements[0].grants.push_back(second);
  const CompiledPolicy policy(set_);
  const auto limits = ChargesOf(policy, request_, Decide().decision);
  ASSERT_EQ(limits.size(), 3u);
  EXPECT_EQ(limits[0].max, 5u);
  state_.used = {{1, LimitKind::kOfficerDay, 2}};
  EXPECT_EQ(Reason(), ErrorReason::kLimitReached);
}

TEST_F(PolicyEngineTest, TheAgeOfTheRecordIsACondition) {
  set_.agreements[0].grants[0].when.record_age = {RecordAge::kUpTo30Days};
  EXPECT_EQ(Why(), PrivateReason::kNoConditionHolds);  // not known
  facts_.recorded_at = kNow - absl::Hours(24 * 30);
  EXPECT_EQ(Decide().decision.outcome, Outcome::kPermit);
  facts_.recorded_at = kNow - absl::Hours(24 * 31);
  EXPECT_EQ(Why(), PrivateReason::kNoConditionHolds);
}

// Property 2 of policy.md 2.7, over random national files and facts.
TEST_F(PolicyEngineTest, NoNationalFileWidensARelease) {
  std::mt19937 random(7);
  const auto coin = [&] { return random() % 2 == 0; };
  for (int i = 0; i < 3000; ++i) {
    facts_.age = coin() ? std::optional(AgeClass::kAdult) : std::nullopt;
    facts_.risks =
        coin() ? std::optional(std::vector{RiskMarker::kFamily}) : std::nullopt;
    set_.national.reset();
    const Decision before = Decide().decision;
    Deny deny;
    deny.id = "d";
    if (coin()) deny.when.risk_any_of = {RiskMarker::kFamily};
    if (coin()) deny.when.consent = {ConsentState::kRefused};
    if (coin()) deny.withhold = {FieldGroup::kNeeds};
    Require require;
    require.id = "r";
    require.duties.max_per_day = 1;
    set_.national = Rules({deny}, {require});
    const Decision after = Decide().decision;
    EXPECT_TRUE(after.released.Minus(before.released).empty());
    EXPECT_FALSE(before.outcome == Outcome::kDeny &&
                 after.outcome != Outcome::kDeny);
  }
}

TEST(DutiesTest, JoiningIsCommutativeAssociativeIdempotent) {
  std::mt19937 random(3);
  const auto any = [&] {
    Duties duties;
    for (const FieldGroup group :
         {FieldGroup::kDemographic, FieldGroup::kLocation}) {
      if (random() % 2 == 0) {
        duties.redact[static_cast<size_t>(group)] =
            static_cast<Redaction>(1 + random() % 5);
      }
    }
    duties.max_per_day = static_cast<uint32_t>(random() % 4);
    duties.k_threshold = static_cast<uint32_t>(random() % 4);
    duties.approvals = static_cast<uint32_t>(random() % 3);
    duties.retention_days = static_cast<uint32_t>(random() % 3);
    duties.no_onward_transfer = random() % 2 == 0;
    duties.notify = EnumSet<NoticeTarget>::FromBits(
        static_cast<uint32_t>(random() % 8) << 1);
    return duties;
  };
  for (int i = 0; i < 500; ++i) {
    const Duties a = any();
    const Duties b = any();
    const Duties c = any();
    EXPECT_EQ(Join(a, b), Join(b, a));
    EXPECT_EQ(Join(a, Join(b, c)), Join(Join(a, b), c));
    EXPECT_EQ(Join(a, a), a);
  }
}

TEST(LocalAccessTest, AScopeHidesOtherPeoplesCases) {
  PolicySet set;
  set.local = LocalAccess{"NE", 1};
  set.local->grants.push_back({"w",
                               {Role::kCaseWorker},
                               {"*"},
                               {LocalOperation::kCaseRead},
                               CaseScope::kOrganisation});
  const PolicyEngine engine(set, 1);
  CaseFacts facts;
  facts.organisation = "SHELTER";
  const Caller own{kHolder, false, "SHELTER", Role::kCaseWorker, "a", ""};
  EXPECT_OK(engine.DecideLocal(own, LocalOperation::kCaseRead, &facts, kNow));
  Caller other = own;
  other.organisation = "POLICE";
  EXPECT_THAT(
      engine.DecideLocal(other, LocalOperation::kCaseRead, &facts, kNow),
      FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(
      engine.DecideLocal(own, LocalOperation::kCaseImport, nullptr, kNow),
      FailsWith(ErrorReason::kLocalAccessDenied));
}

}  // namespace
}  // namespace comity
