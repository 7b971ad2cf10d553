#include "node/policy/partner_view.h"

#include "absl/strings/str_split.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/policy/analysed_policies.h"

namespace comity {
namespace {

constexpr auto kQuery = Operation::kCaseQuery;

class PartnerViewTest : public testing::Test {
 protected:
  PartnerViewTest() {
    agreement_.id = "a";
    agreement_.party = {"NE", "NG"};
    agreement_.valid_from = kSpaceNow - absl::Hours(1);
    agreement_.valid_until = kSpaceNow + absl::Hours(1);
    agreement_.digest = "d";
    Grant grant;
    grant.id = "g";
    grant.holder = {"NE"};
    grant.asker = {"NG"};
    grant.role = {Role::kCaseWorker, Role::kCoordinator};
    grant.operation = {kQuery};
    grant.purpose = {Purpose::kProtection};
    grant.basis = {LegalBasis::kConsent};
    grant.release = {FieldGroup::kStatus, FieldGroup::kNeeds};
    grant.duties.approvals = 1;
    grant.duties.max_per_day = 40;
    agreement_.grants = {grant};
    national_.node = "NE";
  }

  ViewCell Cell(FieldGroup group, Operation operation = kQuery) {
    const auto view = ViewPartner(HolderPolicies({agreement_}, {national_}),
                                  "NE", "NG", kSpaceNow);
    EXPECT_THAT(view.status(), IsOk());
    const auto row = view->rows.find(operation);
    return row == view->rows.end() ? ViewCell()
                                   : row->second[static_cast<size_t>(group)];
  }

  Agreement agreement_;
  NationalRules national_;
};

TEST_F(PartnerViewTest, WhatNoConditionTouchesIsAlwaysTold) {
  const ViewCell cell = Cell(FieldGroup::kStatus);
  EXPECT_EQ(cell.reach, Reach::kAlways);
  EXPECT_EQ(cell.approvals_least, 1u);
  EXPECT_EQ(cell.most.max_per_day, 40u);
  EXPECT_TRUE(cell.conditions.empty());
  EXPECT_EQ(cell.roles, (EnumSet<Role>{Role::kCaseWorker, Role::kCoordinator}));
  EXPECT_THAT(cell.rules, testing::ElementsAre("a/g"));
}

TEST_F(PartnerViewTest, WhatIsReleasedNowhereIsNeverTold) {
  EXPECT_EQ(Cell(FieldGroup::kMedical).reach, Reach::kNever);
  EXPECT_EQ(Cell(FieldGroup::kStatus, Operation::kIdentityRelease).reach,
            Reach::kNever);
}

TEST_F(PartnerViewTest, AConditionIsSaidWithTheValuesThatAnswer) {
  agreement_.grants[0].when.consent = {ConsentState::kGiven};
  const ViewCell cell = Cell(FieldGroup::kStatus);
  EXPECT_EQ(cell.reach, Reach::kWhen);
  EXPECT_THAT(cell.conditions, testing::ElementsAre("consent is GIVEN"));
}

TEST_F(PartnerViewTest, ADenialForOneRoleLeavesTheOtherAlways) {
  Deny deny;
  deny.id = "d";
  deny.role = {Role::kCaseWorker};
  national_.denies = {deny};
  const ViewCell cell = Cell(FieldGroup::kStatus);
  EXPECT_EQ(cell.reach, Reach::kAlways);
  EXPECT_EQ(cell.roles, EnumSet<Role>{Role::kCoordinator});
  EXPECT_THAT(cell.refusing, testing::ElementsAre("national/d"));
}

TEST_F(PartnerViewTest, ADenialOnTheRecordMakesItConditional) {
  Deny deny;
  deny.id = "d";
  deny.when.age = {AgeClass::kChild};
  deny.withhold = {FieldGroup::kNeeds};
  national_.denies = {deny};
  EXPECT_EQ(Cell(FieldGroup::kStatus).reach, Reach::kAlways);
  const ViewCell cell = Cell(FieldGroup::kNeeds);
  EXPECT_EQ(cell.reach, Reach::kWhen);
  EXPECT_THAT(cell.conditions,
              testing::ElementsAre("age is ADULT or AGE_DISPUTED"));
}

TEST_F(PartnerViewTest, SaysBestAndWorstCaseOfDuties) {
  Require require;
  require.id = "r";
  require.when.age = {AgeClass::kChild};
  require.duties.approvals = 2;
  require.duties.retention_days = 30;
  national_.requires_ = {require};
  const ViewCell cell = Cell(FieldGroup::kStatus);
  EXPECT_EQ(cell.reach, Reach::kAlways);
  EXPECT_EQ(cell.approvals_least, 1u);
  EXPECT_EQ(cell.approvals_most, 3u);
  EXPECT_EQ(cell.least.retention_days, 0u);
  EXPECT_EQ(cell.most.retention_days, 30u);
}

// Half of all records under each of two agreements is not all of them.
TEST_F(PartnerViewTest, ARequestCitesOneAgreement) {
  agreement_.grants[0].when.record_age = {RecordAge::kUpTo30Days,
                                          RecordAge::kUpTo1Year};
  Agreement other = agreement_;
  other.id = "b";
  other.digest = "e";
  other.grants[0].when.record_age = {RecordAge::kUpTo30Days,
                                     RecordAge::kUpTo1Year, RecordAge::kOlder};
  const auto view = ViewPartner(HolderPolicies({agreement_, other}, {}), "NE",
                                "NG", kSpaceNow);
  ASSERT_THAT(view.status(), IsOk());
  EXPECT_EQ(
      view->rows.at(kQuery)[static_cast<size_t>(FieldGroup::kStatus)].reach,
      Reach::kWhen);
}

TEST_F(PartnerViewTest, CountsSayWhichTablesAreOpen) {
  Grant& grant = agreement_.grants[0];
  grant.operation = {Operation::kAggregateCount};
  grant.release = FieldGroups();
  grant.tables = {{"Q2/1", {{"age_group", "sex"}, {}}},
                  {"Q6/1", {{"industry"}, {{"exploitation", "ForcedLabour"}}}},
                  {"", {{"citizenship", "exploitation", "sex", "status"}, {}}}};
  const ViewCell cell = Cell(FieldGroup::kUnset, Operation::kAggregateCount);
  EXPECT_EQ(cell.reach, Reach::kAlways);
  EXPECT_THAT(absl::StrSplit(cell.tables, "; "),
              testing::UnorderedElementsAre(
                  "by age_group, sex",
                  "by any three of citizenship, exploitation, sex, status",
                  "by industry where exploitation=ForcedLabour"));
  EXPECT_EQ(Cell(FieldGroup::kStatus).tables, "");
}

TEST_F(PartnerViewTest, BreakGlassIsForAnEmergencyOnly) {
  agreement_.grants[0].break_glass = true;
  const ViewCell cell = Cell(FieldGroup::kStatus);
  EXPECT_EQ(cell.reach, Reach::kWhen);
  EXPECT_TRUE(cell.only_in_emergency);
}

TEST_F(PartnerViewTest, StrangersAreNotFound) {
  const auto view =
      ViewPartner(HolderPolicies({agreement_}, {}), "NE", "BJ", kSpaceNow);
  EXPECT_EQ(ReasonOf(view.status()), ErrorReason::kNotFound);
}

// The view says "never" exactly of what no request is answered with.
TEST_F(PartnerViewTest, AgreesWithJudgeOnRandomPolicies) {
  size_t permitted = 0;
  for (uint32_t seed = 0; seed < 40; ++seed) {
    PolicyDraw draw(seed);
    const HolderPolicies policies({draw.AnAgreement()}, {draw.ANational()});
    auto view = ViewPartner(policies, "NG", "NE", kSpaceNow);
    ASSERT_THAT(view.status(), IsOk());
    auto axes = FactAxes::Create({&policies}, {kSpaceNow, true, "NG", "NE"});
    for (int i = 0; i < 400; ++i) {
      FactPoint point = axes->Start();
      size_t operation = 0;
      size_t group = 0;
      for (int a = 0; a < kAxisCount; ++a) {
        const auto axis = static_cast<Axis>(a);
        const auto walked = axes->Walked(axis, point.request.operation);
        size_t value = 0;
        do {
          value = draw.Below(axes->size(axis));
        } while ((walked >> value & 1) == 0);
        axes->Put(axis, value, point);
        if (axis == Axis::kOperation) operation = value;
        if (axis == Axis::kGroup) group = value;
      }
      if (!policies.Decide("a", point).permitted) continue;
      ++permitted;
      EXPECT_NE(view->rows[static_cast<Operation>(operation)][group].reach,
                Reach::kNever)
          << "seed " << seed;
    }
  }
  EXPECT_GT(permitted, 20u);
}

TEST_F(PartnerViewTest, SaysHowLongReferralsTakeWhereTheyAreGranted) {
  agreement_.deadlines.decide_working_days = 5;
  const auto view = [&] {
    return *ViewPartner(HolderPolicies({agreement_}, {national_}), "NE", "NG",
                        kSpaceNow);
  };
  EXPECT_TRUE(view().deadlines.empty());
  agreement_.grants[0].operation = {kQuery, Operation::kReferralDeliver};
  ASSERT_EQ(view().deadlines.size(), 1u);
  EXPECT_EQ(view().deadlines[0].agreement, "a");
  EXPECT_EQ(view().deadlines[0].deadlines.decide_working_days, 5u);
}

}  // namespace
}  // namespace comity
