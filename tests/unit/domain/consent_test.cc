#include "node/domain/consent.h"

#include "gmock/gmock.h"
#include "node/domain/case_facts.h"

namespace comity {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kHour = absl::Hours(1);
const ParticipantCode kPartner = *ParticipantCode::Create("NG");
constexpr FieldGroups kBoth = {FieldGroup::kStatus, FieldGroup::kNeeds};

Consent Act(absl::Time given_at) {
  Consent act{Uuid(), Uuid(), kPartner};
  act.purpose = Purpose::kSafeReturn;
  act.groups = kBoth;
  act.state = ConsentState::kGiven;
  act.given_at = given_at;
  act.expires_at = given_at + kHour * 10;
  return act;
}

ConsentState StateOf(const CaseFacts& facts, FieldGroup group, absl::Time now) {
  return ConsentFor(facts, group, Purpose::kSafeReturn, kPartner, "", now);
}

TEST(ConsentTest, EndsAtTheInstantItWasGivenFor) {
  CaseFacts facts;
  facts.consents = {Act(kNow)};
  const absl::Time end = facts.consents[0].expires_at;
  EXPECT_EQ(StateOf(facts, FieldGroup::kStatus, end - absl::Microseconds(1)),
            ConsentState::kGiven);
  EXPECT_EQ(StateOf(facts, FieldGroup::kStatus, end), ConsentState::kNotAsked);
  EXPECT_EQ(facts.consents[0].LiveGroups(end - absl::Microseconds(1)), kBoth);
  EXPECT_TRUE(facts.consents[0].LiveGroups(end).empty());
}

TEST(ConsentTest, AGroupIsWithdrawnAloneAndTheOtherStands) {
  CaseFacts facts;
  facts.consents = {Act(kNow)};
  facts.consents[0].withdrawals = {
      {Uuid(), kNow + kHour, {FieldGroup::kNeeds}}};
  EXPECT_EQ(StateOf(facts, FieldGroup::kNeeds, kNow + kHour * 2),
            ConsentState::kWithdrawn);
  EXPECT_EQ(StateOf(facts, FieldGroup::kStatus, kNow + kHour * 2),
            ConsentState::kGiven);
  EXPECT_EQ(facts.consents[0].LiveGroups(kNow + kHour * 2),
            FieldGroups{FieldGroup::kStatus});
}

TEST(ConsentTest, AWithdrawalOutlivesAnOlderActForTheSame) {
  CaseFacts facts;
  facts.consents = {Act(kNow), Act(kNow + kHour)};
  facts.consents[0].withdrawals = {{Uuid(), kNow + kHour * 2, kBoth}};
  EXPECT_EQ(StateOf(facts, FieldGroup::kStatus, kNow + kHour * 3),
            ConsentState::kWithdrawn);
}

TEST(ConsentTest, ShePermitsAgainByANewAct) {
  CaseFacts facts;
  facts.consents = {Act(kNow)};
  facts.consents[0].withdrawals = {{Uuid(), kNow + kHour, kBoth}};
  facts.consents.push_back(Act(kNow + kHour * 2));
  EXPECT_EQ(StateOf(facts, FieldGroup::kStatus, kNow + kHour * 3),
            ConsentState::kGiven);
}

TEST(ConsentTest, ARefusalAllowsNothing) {
  Consent refused = Act(kNow);
  refused.state = ConsentState::kRefused;
  EXPECT_TRUE(refused.LiveGroups(kNow).empty());
}

TEST(ConsentTest, AChildsGuardianConsentsAndSheMayRefuse) {
  CaseFacts facts;
  facts.age = AgeClass::kAgeDisputed;
  Consent by_guardian = Act(kNow);
  by_guardian.state = ConsentState::kGivenByGuardian;
  // Her own word takes nothing away from it, and alone allows nothing.
  facts.consents = {by_guardian, Act(kNow + kHour)};
  EXPECT_EQ(StateOf(facts, FieldGroup::kStatus, kNow + kHour * 2),
            ConsentState::kGivenByGuardian);
  facts.consents = {Act(kNow)};
  EXPECT_EQ(StateOf(facts, FieldGroup::kStatus, kNow + kHour),
            ConsentState::kNotAsked);
  Consent refused = Act(kNow + kHour);
  refused.state = ConsentState::kRefused;
  facts.consents = {by_guardian, refused};
  EXPECT_EQ(StateOf(facts, FieldGroup::kStatus, kNow + kHour * 2),
            ConsentState::kRefused);
}

// Her last word to a recipient, in whatever groups, is what counts.
TEST(ConsentTest, Law5WhoSaidNoToStatisticsIsOutOfCounts) {
  const auto on_statistics = [](absl::Time given_at) {
    Consent act = Act(given_at);
    act.purpose = Purpose::kStatistics;
    return act;
  };
  CaseFacts facts;
  EXPECT_FALSE(facts.OutOfCounts());
  facts.consents = {on_statistics(kNow)};
  EXPECT_FALSE(facts.OutOfCounts());
  facts.consents[0].withdrawals = {
      {Uuid(), kNow + kHour, {FieldGroup::kNeeds}}};
  EXPECT_TRUE(facts.OutOfCounts());
  facts.consents.push_back(on_statistics(kNow + kHour * 2));
  EXPECT_FALSE(facts.OutOfCounts());
  Consent refused = on_statistics(kNow);
  refused.state = ConsentState::kRefused;
  refused.recipient = *ParticipantCode::Create("ECOWAS");
  facts.consents.push_back(refused);
  EXPECT_TRUE(facts.OutOfCounts());
}

// That she is counted at home does not rest on consent to be referred.
TEST(ConsentTest, AWithdrawalFromAReferralLeavesHerInCounts) {
  CaseFacts facts;
  facts.consents = {Act(kNow)};
  facts.consents[0].withdrawals = {{Uuid(), kNow + kHour, kBoth}};
  EXPECT_FALSE(facts.OutOfCounts());
}

TEST(ConsentTest, TheClosedListOfChannelsGoesThereAndBack) {
  for (int i = 1; i <= 6; ++i) {
    const auto channel = static_cast<WithdrawalChannel>(i);
    EXPECT_EQ(FromName<WithdrawalChannel>(Name(channel)), channel);
  }
  EXPECT_EQ(FromName<WithdrawalChannel>("PIGEON"), WithdrawalChannel::kUnset);
}

TEST(LegalHoldTest, AHoldPutsErasureOffAndEndsByItself) {
  CaseFacts facts;
  EXPECT_EQ(ErasureDue(facts), absl::InfiniteFuture());
  facts.provenance = Provenance{kPartner};
  EXPECT_EQ(ErasureDue(facts), absl::InfiniteFuture());
  facts.provenance->erase_at = kNow;
  EXPECT_EQ(ErasureDue(facts), kNow);
  facts.hold = LegalHold{HoldGround::kCourtOrder, kNow + kHour};
  EXPECT_EQ(ErasureDue(facts), kNow + kHour);
  EXPECT_FALSE(facts.ShutOff());
  facts.provenance->withdrawn_at = kNow - kHour;
  EXPECT_EQ(ErasureDue(facts), kNow + kHour);
  EXPECT_TRUE(facts.ShutOff());
  facts.hold->ground = HoldGround::kAssistance;
  EXPECT_FALSE(facts.ShutOff());
  facts.hold.reset();
  EXPECT_EQ(ErasureDue(facts), kNow - kHour);
}

}  // namespace
}  // namespace comity
