#include "node/policy/fact_space.h"

#include "tests/support/status_matchers.h"
#include "tests/unit/policy/analysed_policies.h"

namespace comity {
namespace {

template <typename Enum>
uint64_t Bits(std::initializer_list<Enum> values) {
  return EnumSet<Enum>(values).bits();
}

Agreement OneGrant() {
  Agreement agreement;
  agreement.id = "a";
  agreement.party = {"BJ", "NE", "NG"};
  agreement.valid_from = kSpaceNow - absl::Hours(1);
  agreement.valid_until = kSpaceNow + absl::Hours(1);
  agreement.digest = "d";
  Grant grant;
  grant.id = "g";
  grant.holder = {"NE"};
  grant.asker = {"NG", "BJ"};
  grant.role = {Role::kCaseWorker, Role::kCoordinator};
  grant.operation = {Operation::kCaseQuery};
  grant.purpose = {Purpose::kProtection};
  grant.basis = {LegalBasis::kConsent};
  grant.when.consent = {ConsentState::kGiven, ConsentState::kGivenByGuardian};
  grant.release = {FieldGroup::kStatus, FieldGroup::kDemographic};
  agreement.grants = {grant};
  return agreement;
}

class FactSpaceTest : public testing::Test {
 protected:
  std::vector<FactBox> Boxes(const Agreement& agreement,
                             const std::vector<NationalRules>& nationals = {},
                             const FactAxes::Bounds& bounds = {kSpaceNow}) {
    const HolderPolicies policies({agreement}, nationals);
    auto axes = FactAxes::Create({&policies}, bounds);
    EXPECT_THAT(axes.status(), IsOk());
    std::vector<FactBox> boxes;
    const auto cells =
        FactSpace(*axes, {&policies}, "a").Walk([&](const FactCell& cell) {
          EXPECT_TRUE(policies.Decide("a", cell.point).permitted ||
                      !nationals.empty());
          boxes.push_back(cell.box);
        });
    EXPECT_EQ(*cells, boxes.size());
    return boxes;
  }
};

TEST_F(FactSpaceTest, ValuesThatNoRuleTellsApartAreOneClass) {
  const auto boxes = Boxes(OneGrant());
  ASSERT_EQ(boxes.size(), 1u);
  const FactBox& box = boxes[0];
  EXPECT_EQ(box[Axis::kOperation], Bits({Operation::kCaseQuery}));
  EXPECT_EQ(box[Axis::kTime], 1u);
  EXPECT_EQ(box[Axis::kHolder], 0b010u);
  EXPECT_EQ(box[Axis::kAsker], 0b101u);
  EXPECT_EQ(box[Axis::kRole], Bits({Role::kCaseWorker, Role::kCoordinator}));
  EXPECT_EQ(box[Axis::kOrganisation], 0b11u);
  EXPECT_EQ(box[Axis::kGroup],
            Bits({FieldGroup::kStatus, FieldGroup::kDemographic}));
  EXPECT_EQ(box[Axis::kConsent],
            Bits({ConsentState::kGiven, ConsentState::kGivenByGuardian}));
  EXPECT_EQ(box[Axis::kStage], 0b1111111111u);
}

TEST_F(FactSpaceTest, AGroupThatIsMadeCoarserIsAClassOfItsOwn) {
  Agreement agreement = OneGrant();
  agreement.duties.redact[static_cast<size_t>(FieldGroup::kDemographic)] =
      Redaction::kAgeBand5;
  EXPECT_EQ(Boxes(agreement).size(), 2u);
}

// A grant takes "not known" for false, a denial for true.
TEST_F(FactSpaceTest, NotKnownFallsOnTheProtectiveSide) {
  Agreement agreement = OneGrant();
  agreement.grants[0].when.age = {AgeClass::kAdult, AgeClass::kChild};
  NationalRules national;
  national.node = "NE";
  Deny deny;
  deny.id = "d";
  deny.when.age = {AgeClass::kChild};
  deny.when.stage = {DossierStage::kClosed};
  national.denies = {deny};
  const auto boxes = Boxes(agreement, {national});
  ASSERT_EQ(boxes.size(), 3u);  // child and adult; closed or not for the child
  EXPECT_EQ(boxes[0][Axis::kAge], Bits({AgeClass::kChild}));
  EXPECT_EQ(boxes[0][Axis::kStage],
            Bits({DossierStage::kUnset, DossierStage::kClosed}));
  EXPECT_EQ(boxes[2][Axis::kAge], Bits({AgeClass::kAdult}));
}

TEST_F(FactSpaceTest, AMemberThatLeavesEndsAClassOnThatDay) {
  Agreement agreement = OneGrant();
  agreement.grants[0].asker = {"@club"};
  const absl::Time leaves = kSpaceNow + absl::Minutes(30);
  agreement.groups = {{"club", {{"BJ", absl::InfinitePast(), leaves}, {"NG"}}}};
  const auto boxes = Boxes(agreement);
  ASSERT_EQ(boxes.size(), 2u);
  EXPECT_EQ(boxes[0][Axis::kTime], 0b001u);
  EXPECT_EQ(boxes[0][Axis::kAsker], 0b101u);
  EXPECT_EQ(boxes[1][Axis::kTime], 0b010u);
  EXPECT_EQ(boxes[1][Axis::kAsker], 0b100u);
}

TEST_F(FactSpaceTest, BoundsLeaveTheRestOut) {
  EXPECT_EQ(Boxes(OneGrant(), {}, {kSpaceNow, true, "NE", "BJ"}).size(), 1u);
  EXPECT_TRUE(Boxes(OneGrant(), {}, {kSpaceNow, true, "NG", "BJ"}).empty());
  EXPECT_TRUE(
      Boxes(OneGrant(), {}, {kSpaceNow + absl::Hours(1), true}).empty());
}

TEST_F(FactSpaceTest, MoreThan64ValuesNameTheirAxis) {
  Agreement agreement = OneGrant();
  for (int i = 0; i < 70; ++i) {
    agreement.grants[0].organisation.push_back(absl::StrCat("ORG-", i));
  }
  const HolderPolicies policies({agreement}, {});
  const auto axes = FactAxes::Create({&policies}, {});
  EXPECT_EQ(ReasonOf(axes.status()), ErrorReason::kMessageTooLarge);
  EXPECT_THAT(std::string(axes.status().message()),
              testing::HasSubstr("organisation"));
}

}  // namespace
}  // namespace comity
