#include "node/domain/case_merge.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kDay = absl::Hours(24);
const ParticipantCode kNigeria = *ParticipantCode::Create("NG");
const ParticipantCode kTogo = *ParticipantCode::Create("TG");

Uuid Id(char byte) { return *Uuid::FromBytes(std::string(16, byte)); }

Consent Act(char id, absl::Time given_at,
            ConsentState state = ConsentState::kGiven) {
  Consent act{Id(id), Uuid(), kNigeria};
  act.purpose = Purpose::kSafeReturn;
  act.groups = {FieldGroup::kStatus, FieldGroup::kNeeds};
  act.state = state;
  act.given_at = given_at;
  act.expires_at = given_at + kDay * 90;
  return act;
}

CaseFacts Facts(char id) {
  CaseFacts facts;
  facts.case_id = Id(id);
  facts.owner = "ORG/owner";
  facts.organisation = "ORG";
  facts.screening = DangerScreening{kNow - kDay, "ORG/owner"};
  return facts;
}

absl::StatusOr<MergedFacts> Merge(const CaseFacts& keep,
                                  const CaseFacts& other) {
  return MergeFacts(keep, other, {Id('r'), kNow, {}, {}, "ORG/coord"});
}

ConsentState StatusOf(const CaseFacts& facts,
                      absl::string_view organisation = "") {
  return ConsentFor(facts, FieldGroup::kStatus, Purpose::kSafeReturn, kNigeria,
                    organisation, kNow);
}

TEST(MergeFactsTest, Law3TheFlagsOfBothAreUnitedUnderTheOlderScreening) {
  CaseFacts keep = Facts('k');
  CaseFacts other = Facts('o');
  keep.screening->never_share_with = {kTogo};
  other.screening = DangerScreening{
      kNow - kDay * 9, "POL/first", true, {kNigeria, kTogo}, true};
  for (const auto& [a, b] : {std::pair(keep, other), std::pair(other, keep)}) {
    const auto merged = Merge(a, b);
    ASSERT_OK(merged);
    const DangerScreening& united = *merged->facts.screening;
    EXPECT_TRUE(united.never_contact);
    EXPECT_TRUE(united.official_involvement);
    EXPECT_THAT(united.never_share_with, ElementsAre(kNigeria, kTogo));
    EXPECT_EQ(united.screened_at, kNow - kDay * 9);
    EXPECT_EQ(united.screened_by, "POL/first");
  }
}

TEST(MergeFactsTest, Law3TheFlagsOfTheNewerScreeningCountAsMuch) {
  CaseFacts keep = Facts('k');
  CaseFacts other = Facts('o');
  keep.screening = DangerScreening{kNow - kDay * 9, "POL/first", false, {}};
  other.screening = DangerScreening{kNow, "ORG/second", true, {kNigeria}, true};
  for (const auto& [a, b] : {std::pair(keep, other), std::pair(other, keep)}) {
    const auto merged = Merge(a, b);
    ASSERT_OK(merged);
    EXPECT_TRUE(merged->facts.screening->never_contact);
    EXPECT_TRUE(merged->facts.screening->official_involvement);
    EXPECT_THAT(merged->facts.screening->never_share_with,
                ElementsAre(kNigeria));
    EXPECT_EQ(merged->facts.screening->screened_by, "POL/first");
  }
}

TEST(MergeFactsTest, Law3OneThatNobodyScreenedIsScreenedFirst) {
  CaseFacts keep = Facts('k');
  CaseFacts other = Facts('o');
  other.screening.reset();
  EXPECT_THAT(Merge(keep, other), FailsWith(ErrorReason::kScreeningMissing));
  EXPECT_THAT(Merge(other, keep), FailsWith(ErrorReason::kScreeningMissing));
  keep.screening.reset();
  ASSERT_OK(Merge(keep, other));
  EXPECT_FALSE(Merge(keep, other)->facts.screening.has_value());
}

TEST(MergeFactsTest, Law5ANoOfEitherRecordStandsWhateverIsNewer) {
  for (const ConsentState no : {ConsentState::kRefused, ConsentState::kGiven}) {
    CaseFacts keep = Facts('k');
    CaseFacts other = Facts('o');
    keep.consents = {Act('1', kNow - kDay * 5, no)};
    keep.consents[0].groups = {FieldGroup::kStatus};
    if (no == ConsentState::kGiven) {
      keep.consents[0].withdrawals = {
          {Uuid(), kNow - kDay * 4, {FieldGroup::kStatus}}};
    }
    other.consents = {Act('2', kNow - kDay)};
    ASSERT_EQ(StatusOf(other), ConsentState::kGiven);
    for (const auto& [a, b] :
         {std::pair(keep, other), std::pair(other, keep)}) {
      const auto merged = Merge(a, b);
      ASSERT_OK(merged);
      EXPECT_EQ(StatusOf(merged->facts), ConsentState::kWithdrawn);
      ASSERT_EQ(merged->withdrawn.size(), 1u);
      EXPECT_EQ(merged->withdrawn[0].id, Id('2'));
      EXPECT_EQ(merged->withdrawn[0].case_id, a.case_id);
      EXPECT_EQ(merged->withdrawn[0].withdrawals.back().groups,
                FieldGroups{FieldGroup::kStatus});
      // What nobody said no to stands.
      EXPECT_EQ(merged->withdrawn[0].LiveGroups(kNow),
                FieldGroups{FieldGroup::kNeeds});
    }
  }
}

TEST(MergeFactsTest, Law5WhatSheSaysAfterwardsCountsAgain) {
  CaseFacts keep = Facts('k');
  CaseFacts other = Facts('o');
  keep.consents = {Act('1', kNow - kDay, ConsentState::kRefused)};
  other.consents = {Act('2', kNow - kDay * 2)};
  auto merged = Merge(keep, other);
  ASSERT_OK(merged);
  merged->facts.consents.push_back(Act('3', kNow + absl::Minutes(1)));
  EXPECT_EQ(StatusOf(merged->facts), ConsentState::kGiven);
}

// Nothing is wider than one of both was: she refused one organisation of the
// state in one record, and allowed the whole state in the other, later.
TEST(MergeFactsTest, Law5AnActForAStateDoesNotReachWhomSheRefused) {
  CaseFacts keep = Facts('k');
  CaseFacts other = Facts('o');
  keep.consents = {Act('1', kNow - kDay * 2, ConsentState::kRefused)};
  keep.consents[0].recipient_organisation = "POLICE";
  other.consents = {Act('2', kNow - kDay)};
  const auto merged = Merge(keep, other);
  ASSERT_OK(merged);
  EXPECT_NE(StatusOf(merged->facts, "POLICE"), ConsentState::kGiven);
}

TEST(MergeFactsTest, WhatBothAllowOrNobodyWasAskedStaysAsItWasRecorded) {
  CaseFacts keep = Facts('k');
  CaseFacts other = Facts('o');
  keep.consents = {Act('1', kNow - kDay)};
  other.consents = {Act('2', kNow - kDay * 2)};
  other.consents[0].recipient = kTogo;
  const auto merged = Merge(keep, other);
  ASSERT_OK(merged);
  EXPECT_THAT(merged->withdrawn, IsEmpty());
  ASSERT_EQ(merged->facts.consents.size(), 2u);
  for (const Consent& act : merged->facts.consents) {
    EXPECT_EQ(act.case_id, Id('k'));
    EXPECT_THAT(act.withdrawals, IsEmpty());
  }
}

TEST(MergeFactsTest, TheLongerHoldStandsAndTwoGroundsAreNotMerged) {
  CaseFacts keep = Facts('k');
  CaseFacts other = Facts('o');
  other.hold = LegalHold{HoldGround::kCourtOrder, kNow + kDay * 2, kNow, "x"};
  EXPECT_EQ(Merge(keep, other)->facts.hold, other.hold);
  EXPECT_EQ(Merge(other, keep)->facts.hold, other.hold);
  keep.hold = LegalHold{HoldGround::kCourtOrder, kNow + kDay, kNow, "y"};
  EXPECT_EQ(Merge(keep, other)->facts.hold, other.hold);
  keep.hold->ground = HoldGround::kLegalClaim;
  EXPECT_THAT(Merge(keep, other),
              FailsWith(ErrorReason::kReferralStateConflict));
  // One that has ended holds nothing.
  keep.hold->until = kNow;
  EXPECT_EQ(Merge(keep, other)->facts.hold, other.hold);
}

TEST(MergeFactsTest, APartnersPacketIsMergedWithItselfAlone) {
  CaseFacts keep = Facts('k');
  CaseFacts other = Facts('o');
  other.provenance = Provenance{kNigeria, Id('p'), Purpose::kSafeReturn, true};
  EXPECT_THAT(Merge(keep, other),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_THAT(Merge(other, keep),
              FailsWith(ErrorReason::kReferralStateConflict));
  // Nobody unites their flags but people.
  EXPECT_THAT(std::string(Merge(keep, other).status().message()),
              testing::HasSubstr("comity case screen"));
  keep.provenance = Provenance{kNigeria, Id('q')};
  EXPECT_THAT(Merge(keep, other),
              FailsWith(ErrorReason::kReferralStateConflict));
  keep.provenance = Provenance{kNigeria, Id('p')};
  keep.provenance->erase_at = kNow + kDay * 2;
  other.provenance->erase_at = kNow + kDay;
  const auto merged = Merge(keep, other);
  ASSERT_OK(merged);
  EXPECT_EQ(ErasureDue(merged->facts), kNow + kDay);
  EXPECT_TRUE(merged->facts.provenance->no_onward_transfer);
}

TEST(MergeFactsTest, TheOwnerStaysAndOneDelegationThatLives) {
  CaseFacts keep = Facts('k');
  CaseFacts other = Facts('o');
  other.owner = "POL/first";
  other.organisation = "POL";
  other.delegation = CaseDelegation{"POL/second", kNow + kDay};
  const auto merged = Merge(keep, other);
  ASSERT_OK(merged);
  EXPECT_EQ(merged->facts.owner, "ORG/owner");
  EXPECT_EQ(merged->facts.organisation, "ORG");
  EXPECT_TRUE(merged->facts.DelegatedTo("POL/second", kNow));
  keep.delegation = CaseDelegation{"ORG/second", kNow + kDay};
  EXPECT_EQ(Merge(keep, other)->facts.delegation, keep.delegation);
}

TEST(MergeFactsTest, WhoMayBeAChildIsNoAdultByItself) {
  CaseFacts keep = Facts('k');
  CaseFacts other = Facts('o');
  CaseFacts merged = keep;
  merged.age = AgeClass::kAdult;
  EXPECT_FALSE(LosesAChild(keep, other, merged));
  for (const AgeClass age : {AgeClass::kChild, AgeClass::kAgeDisputed}) {
    other.age = age;
    EXPECT_TRUE(LosesAChild(keep, other, merged));
    EXPECT_TRUE(LosesAChild(other, keep, merged));
    EXPECT_FALSE(LosesAChild(keep, other, other));
  }
}

}  // namespace
}  // namespace comity
