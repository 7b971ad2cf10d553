#include <algorithm>
#include <iterator>

#include "node/audit/restore_mark.h"
#include "node/service/linked_budget.h"
#include "tests/proof/table_holder.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;

using Table = std::vector<std::string>;

// An asker that narrows cells down by many tables with two columns in common
// (privacy.md 3.4), through a node's gate, store and budgets.
class LinkedTablesAttackTest : public testing::Test {
 protected:
  void SetUp() override {
    Agree(0);
    for (const char* sex : {"female", "male"}) {
      holder_.AddPeople(30, sex, "Adult", "NE");
    }
    holder_.Publish();
  }

  void Agree(int linked_tables) {
    holder_.LetLinkedTables(linked_tables);
    holder_.Agree(1000000);
  }

  std::string Refusal(const Table& table) {
    return holder_.Ask(table).refusal().reason();
  }
  bool Has(const Table& table) { return holder_.Ask(table).has_table(); }

  // What the node lists of its newest revision.
  operators::v1::LinkedTableBudget Listed() {
    operators::v1::ListBudgetsResponse response;
    EXPECT_OK(ListLinkedTables(holder_.node().store(), "ECOWAS",
                               "ecowas-counts", 3, response));
    EXPECT_EQ(response.linked_table_budgets_size(), 1);
    return response.linked_table_budgets_size() == 1
               ? response.linked_table_budgets(0)
               : operators::v1::LinkedTableBudget();
  }

  TableHolder holder_{20261231};
};

// Whatever is asked, and in whatever order, nobody has a table and more than
// two others that share two columns with it.
TEST_F(LinkedTablesAttackTest, Law8NobodyHasMoreThanThreeTablesThatShareTwo) {
  std::vector<Table> given;
  size_t refused = 0;
  auto tables = TableHolder::AllTables();
  std::reverse(tables.begin(), tables.end());
  for (const Table& table : tables) {
    const fed::TableAnswer answer = holder_.Ask(table);
    if (answer.has_table()) {
      given.push_back(table);
    } else {
      ++refused;
      EXPECT_EQ(answer.refusal().reason(), "LIMIT_REACHED");
    }
  }
  EXPECT_GT(refused, 10u);
  // A part of another table shows nothing that this one does not.
  std::erase_if(given, [](const Table& table) { return table.size() < 3; });
  for (const Table& table : given) {
    size_t linked = 0;
    for (const Table& other : given) {
      Table shared;
      std::set_intersection(table.begin(), table.end(), other.begin(),
                            other.end(), std::back_inserter(shared));
      if (shared.size() >= 2) ++linked;
    }
    EXPECT_LE(linked, 3u);
  }
  EXPECT_EQ(Listed().given(), 3u);
}

TEST_F(LinkedTablesAttackTest, TheFourthIsRefusedAndPartsAndRepeatsAreFree) {
  ASSERT_TRUE(Has({"age_group", "citizenship", "sex"}));
  ASSERT_TRUE(Has({"age_group", "sex", "status"}));
  EXPECT_EQ(Listed().given(), 2u);
  ASSERT_TRUE(Has({"age_group", "gender", "sex"}));
  EXPECT_EQ(Refusal({"age_group", "exploitation", "sex"}), "LIMIT_REACHED");
  EXPECT_TRUE(Has({"age_group", "sex"}));
  EXPECT_TRUE(Has({"sex", "age_group", "status"}));
  EXPECT_TRUE(Has({"exploitation"}));
  // A slice of a table that she has, and one of a table that she has not.
  EXPECT_TRUE(
      holder_.Ask({"sex"}, {{"age_group", "18+"}, {"status", "unknown"}})
          .has_table());
  EXPECT_EQ(
      holder_.Ask({"exploitation"}, {{"age_group", "18+"}, {"sex", "female"}})
          .refusal()
          .reason(),
      "LIMIT_REACHED");
  // The agreement says otherwise.
  Agree(4);
  EXPECT_TRUE(Has({"age_group", "exploitation", "sex"}));
}

// Asked all at once, each is decided before the first is committed.
TEST_F(LinkedTablesAttackTest, QuestionsAtOnceGetNoMore) {
  std::vector<fed::TableQuestion> questions;
  for (const char* third :
       {"citizenship", "status", "gender", "exploitation"}) {
    questions.push_back(holder_.Question({"age_group", "sex", third}));
  }
  size_t given = 0;
  for (const fed::TableAnswer& answer : holder_.AskAtOnce(questions)) {
    if (answer.has_table()) {
      ++given;
    } else {
      EXPECT_EQ(answer.refusal().reason(), "LIMIT_REACHED");
    }
  }
  EXPECT_EQ(given, 3u);
}

// A new revision is counted anew; of one that a restored node had published
// nobody knows what was given.
TEST_F(LinkedTablesAttackTest, Law8ARestoredNodeCountsThemAsGiven) {
  ASSERT_TRUE(Has({"age_group", "citizenship", "sex"}));
  holder_.Publish();
  EXPECT_EQ(Listed().given(), 0u);
  ASSERT_TRUE(Has({"age_group", "citizenship", "sex"}));
  ASSERT_OK(holder_.node().context().writer.Commit(SpendWhatIsOpen).status());
  EXPECT_EQ(Listed().given(), 3u);
  EXPECT_TRUE(Has({"age_group", "citizenship", "sex"}));
  EXPECT_EQ(Refusal({"age_group", "sex", "status"}), "LIMIT_REACHED");
  holder_.Publish();
  EXPECT_EQ(Listed().given(), 0u);
}

}  // namespace
}  // namespace comity
