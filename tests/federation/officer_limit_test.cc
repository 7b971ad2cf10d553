#include "tests/support/border.h"

namespace comity {
namespace {

class OfficerLimitTest : public BorderTest {};

TEST_F(OfficerLimitTest, EachOfficerHasALimitOfHerOwn) {
  Open({{"max_per_day: 200", "max_per_officer_per_day: 2"}});
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "RELEASED");
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "RELEASED");
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "LIMIT_REACHED");
  EXPECT_EQ(OutcomeOf(AskStatus("bola", draft)), "RELEASED");
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "RELEASED");
}

TEST_F(OfficerLimitTest, ALimitOfNationalRulesIsNotTold) {
  Open({}, R"(schema: "comity.policy.v1"
national {
  node: "NE" revision: 1 title: "Limits"
  require {
    id: "slow" operation: [CASE_QUERY] duties { max_per_officer_per_day: 1 } }
})");
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "RELEASED");
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "NOT_AVAILABLE");
  EXPECT_EQ(OutcomeOf(AskStatus("bola", draft)), "RELEASED");
}

}  // namespace
}  // namespace comity
