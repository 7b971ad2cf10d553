#include "node/cli/table_progress.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace comity {
namespace {

std::string Text(uint32_t asked, uint32_t answered, uint32_t without) {
  operators::v1::GetTableProgressResponse progress;
  progress.set_asked(asked);
  progress.set_answered(answered);
  progress.set_without_answer(without);
  return ProgressText(progress);
}

TEST(TableProgressTest, SaysHowManyOfHowManyHaveAnswered) {
  EXPECT_EQ(Text(16, 0, 0), "0 of 16 answered");
  EXPECT_EQ(Text(16, 3, 0), "3 of 16 answered");
  EXPECT_EQ(Text(16, 3, 2), "3 of 16 answered, 2 gave no answer");
}

TEST(TableProgressTest, OfACallThatDoesNotRunItSaysNothing) {
  EXPECT_EQ(Text(0, 0, 0), "");
}

}  // namespace
}  // namespace comity
