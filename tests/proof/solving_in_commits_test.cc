#include "tests/proof/table_holder.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;

// Niger's node answers by exact figures, for which each table is solved
// together with those that were told before.
class SolvingInCommitsTest : public testing::Test {
 protected:
  SolvingInCommitsTest() {
    holder_.Agree(20000, {{"k_threshold: 11",
                           "k_threshold: 11 count_method: SUPPRESSION"}});
    holder_.AddPeople(30, "female", "Adult");
    holder_.AddPeople(20, "male", "Adult");
    holder_.Publish();
  }

  TableHolder holder_{7};
};

// Every other commit waits for the one that runs. Whoever was overtaken asks
// again, and is told what it would have been told.
TEST_F(SolvingInCommitsTest, Law12WhatWasOvertakenIsNotSolvedInTheCommit) {
  const std::vector<fed::TableAnswer> answers = holder_.AskAtOnce(
      {holder_.Question({"sex"}), holder_.Question({"age_group"})});
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].table().method(), "suppression/v1");
  EXPECT_EQ(answers[1].refusal().reason(), "OVERLOADED");
  const fed::TableAnswer again = holder_.Ask({"age_group"});
  EXPECT_EQ(again.table().method(), "suppression/v1");
  EXPECT_EQ(holder_.Ask({"age_group"}).SerializeAsString(),
            again.SerializeAsString());
}

// What another question solved needs not be solved.
TEST_F(SolvingInCommitsTest, TheSameQuestionAtOnceHasTheAnswerOfTheFirst) {
  const fed::TableQuestion question = holder_.Question({"sex"});
  const std::vector<fed::TableAnswer> answers =
      holder_.AskAtOnce({question, question});
  ASSERT_EQ(answers.size(), 2u);
  ASSERT_TRUE(answers[0].has_table());
  EXPECT_EQ(answers[1].SerializeAsString(), answers[0].SerializeAsString());
}

}  // namespace
}  // namespace comity
