#include "tests/proof/table_holder.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// What an asker costs who has no budget left, and asks on.
class SpentBudgetTest : public testing::Test {
 protected:
  SpentBudgetTest() {
    holder_.Agree(3);
    holder_.AddPeople(30, "female", "Adult");
    holder_.AddPeople(30, "male", "Adult");
    holder_.Publish();
  }

  std::string RefusalOf(const std::string& dimension) {
    return holder_.Ask({dimension}).refusal().reason();
  }

  TableHolder holder_{20270201};
  // Another method than the first that was asked for: refused by whoever looks
  // at the ledger, which is before anything is counted.
  const std::pair<std::string, std::string> another_method_ = {
      "k_threshold: 11", "k_threshold: 11 count_method: SUPPRESSION"};
};

// privacy.md 3.4: over budget, nothing is computed.
TEST_F(SpentBudgetTest, Law12ASpentBudgetIsLookedAtBeforeTheLedger) {
  const federation::v1::TableAnswer first = holder_.Ask({"sex"});
  ASSERT_TRUE(first.has_table());
  ASSERT_EQ(holder_.Given(holder_.commission().code()), 3u);
  holder_.Agree(3, {another_method_});
  EXPECT_EQ(RefusalOf("age_group"), "PRIVACY_BUDGET_SPENT");
  holder_.Agree(4, {another_method_});
  EXPECT_EQ(RefusalOf("age_group"), "NOT_AVAILABLE");
  // What was given stays free.
  holder_.Agree(3);
  EXPECT_EQ(holder_.Ask({"sex"}).table().cells_size(),
            first.table().cells_size());
}

// Both agreements open the same data.
TEST_F(SpentBudgetTest, Law8AnotherAgreementGivesNoSecondBudget) {
  ASSERT_TRUE(holder_.Ask({"sex"}).has_table());
  holder_.Agree(3, {{"id: \"ecowas-counts\"", "id: \"ecowas-more\""}});
  const auto refusal = [this](const std::string& dimension) {
    federation::v1::TableQuestion question = holder_.Question({dimension});
    question.set_agreement_id("ecowas-more");
    return holder_.Ask(holder_.commission(), question).refusal().reason();
  };
  EXPECT_EQ(refusal("age_group"), "PRIVACY_BUDGET_SPENT");
  // What was given under the other one stays free.
  EXPECT_EQ(refusal("sex"), "");
}

}  // namespace
}  // namespace comity
