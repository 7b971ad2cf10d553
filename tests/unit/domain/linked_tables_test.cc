#include "node/domain/linked_tables.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

TEST(LinkedTablesTest, TablesThatShareTwoColumnsAreOneGroup) {
  LinkedTables given;
  EXPECT_EQ(given.LargestWith({"age", "sex", "status"}), 1u);
  given.Add({"age", "sex", "status"});
  // One column in common links none.
  EXPECT_EQ(given.LargestWith({"age", "border", "industry"}), 1u);
  EXPECT_EQ(given.LargestWith({"age", "sex", "border"}), 2u);
  given.Add({"age", "sex", "border"});
  given.Add({"age", "sex", "industry"});
  EXPECT_EQ(given.Largest(), 3u);
  EXPECT_EQ(given.LargestWith({"age", "sex", "gender"}), 4u);
}

// Linked to two that are not linked to each other: theirs grow as well.
TEST(LinkedTablesTest, AGroupIsCountedFromEachOfItsTables) {
  LinkedTables given;
  given.Add({"a", "b", "c"});
  given.Add({"a", "b", "d"});
  given.Add({"b", "c", "e"});
  EXPECT_EQ(given.LargestWith({"a", "c", "f"}), 4u);
  // In whatever order they are asked.
  LinkedTables other;
  other.Add({"a", "c", "f"});
  other.Add({"a", "b", "d"});
  other.Add({"b", "c", "e"});
  EXPECT_EQ(other.LargestWith({"a", "b", "c"}), 4u);
}

TEST(LinkedTablesTest, WhatAnotherTableShowsCountsForNothing) {
  LinkedTables given;
  EXPECT_EQ(given.LargestWith({"sex"}), 0u);
  EXPECT_EQ(given.LargestWith({}), 0u);
  given.Add({"age", "sex"});
  EXPECT_EQ(given.LargestWith({"sex", "age"}), 0u);
  given.Add({"age", "sex", "status"});
  EXPECT_EQ(given.LargestWith({"age", "status"}), 0u);
  EXPECT_EQ(given.Largest(), 1u);
}

TEST(LinkedTablesTest, TheTextKeepsThem) {
  LinkedTables given;
  given.Add({"age", "sex", "status"});
  given.Add({"border", "sex"});
  const LinkedTables read = LinkedTables::Parse(given.Text());
  EXPECT_EQ(read.Text(), given.Text());
  EXPECT_TRUE(read.Tells({"border", "sex"}));
  EXPECT_FALSE(read.Tells({"age", "border"}));
  EXPECT_EQ(LinkedTables::Parse("").Text(), "");
}

TEST(LinkedTablesTest, AFilterIsAColumnOfTheTable) {
  const auto question =
      TableQuestion::Create("2018", {"sex"}, {{"status", {"unknown"}}});
  ASSERT_OK(question);
  EXPECT_EQ(ColumnsOf(*question), (ColumnSet{"sex", "status"}));
}

}  // namespace
}  // namespace comity
