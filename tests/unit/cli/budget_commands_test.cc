#include "node/cli/budget_commands.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::ElementsAre;

TEST(BudgetCommandsTest, EpsilonIsShownSpentAndLeftForTheAskerAndForAll) {
  operators::v1::ListBudgetsResponse response;
  auto* budget = response.add_epsilon_budgets();
  budget->set_asker("ECOWAS");
  budget->set_agreement_id("ne-open-figures");
  budget->set_period("2018");
  budget->set_spent(500);
  budget->set_allowed(4000);
  budget->set_spent_by_all(7750);
  budget->set_allowed_for_all(8000);
  // Lowered after more was told: nothing is left, and not less.
  *response.add_epsilon_budgets() = *budget;
  response.mutable_epsilon_budgets(1)->set_allowed(250);
  const auto rows = EpsilonRows(response);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_THAT(rows[0],
              ElementsAre("asker", "agreement", "period", "epsilon spent",
                          "left", "spent by all askers", "left for all"));
  EXPECT_THAT(rows[1], ElementsAre("ECOWAS", "ne-open-figures", "2018", "1/2",
                                   "7/2", "31/4", "1/4"));
  EXPECT_EQ(rows[2][4], "0");
}

// Whoever adds up deltas reads what they came to; a budget of one that has none
// is not listed.
TEST(BudgetCommandsTest, DeltaIsShownWhereAnAgreementHasIt) {
  operators::v1::ListBudgetsResponse response;
  auto* laplace = response.add_epsilon_budgets();
  laplace->set_asker("NG");
  auto* budget = response.add_epsilon_budgets();
  budget->set_asker("ECOWAS");
  budget->set_agreement_id("ne-gaussian-figures");
  budget->set_period("2018");
  budget->set_delta_spent(3000);
  budget->set_delta_spent_by_all(1);
  budget->set_delta_allowed(10'000'000);
  const auto rows = DeltaRows(response);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0][3], "delta spent");
  EXPECT_THAT(rows[1], ElementsAre("ECOWAS", "ne-gaussian-figures", "2018",
                                   "3e-9", "1e-12", "1e-5"));
}

TEST(BudgetCommandsTest, LinkedTablesAreShownByRevision) {
  operators::v1::ListBudgetsResponse response;
  auto* budget = response.add_linked_table_budgets();
  budget->set_asker("ECOWAS");
  budget->set_agreement_id("ecowas-counts");
  budget->set_period("2018");
  budget->set_revision(2);
  budget->set_given(1);
  budget->set_allowed(3);
  const auto rows = LinkedRows(response);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0][4], "tables that share columns");
  EXPECT_THAT(rows[1],
              ElementsAre("ECOWAS", "ecowas-counts", "2018", "2", "1", "3"));
}

}  // namespace
}  // namespace comity
