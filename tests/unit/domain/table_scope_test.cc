#include "node/domain/table_scope.h"

#include <algorithm>
#include <set>

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

const TableScope kTwo = {"Q2/1", {{"age_group", "sex"}, {}}};
const TableScope kPart = {"Q6/1",
                          {{"industry"}, {{"exploitation", "ForcedLabour"}}}};

TableShape Shape(const std::vector<std::string>& parts) {
  const auto shape = TableShape::FromParts(parts);
  EXPECT_OK(shape);
  return shape.value_or(TableShape());
}

TEST(TableScopeTest, ATableOpensItsMarginsAndItsOwnCells) {
  EXPECT_TRUE(kTwo.Holds(Shape({})));
  EXPECT_TRUE(kTwo.Holds(Shape({"sex", "age_group"})));
  EXPECT_TRUE(kTwo.Holds(Shape({"sex", "age_group=0-17"})));
  EXPECT_FALSE(kTwo.Holds(Shape({"sex", "status"})));
  EXPECT_FALSE(kTwo.Holds(Shape({"sex", "status=NotAVictimOfTrafficking"})));
}

// Without what it fixes it would be a table of everybody.
TEST(TableScopeTest, WhatATableFixesStaysFixed) {
  EXPECT_TRUE(kPart.Holds(Shape({"industry", "exploitation=ForcedLabour"})));
  EXPECT_TRUE(kPart.Holds(Shape({"exploitation=ForcedLabour"})));
  EXPECT_FALSE(kPart.Holds(Shape({"industry"})));
  EXPECT_FALSE(kPart.Holds(Shape({})));
  EXPECT_FALSE(kPart.Holds(Shape({"industry", "exploitation"})));
  EXPECT_FALSE(kPart.Holds(Shape({"industry", "exploitation=Other"})));
}

TEST(TableScopeTest, ShapesAreWrittenAndReadInParts) {
  const TableShape shape = Shape({"sex", "exploitation=Other", "age_group"});
  EXPECT_EQ(shape.Words(), "by age_group, sex where exploitation=Other");
  EXPECT_EQ(Shape(shape.Parts()), shape);
  EXPECT_EQ(Shape({}).Words(), "all persons");
  for (const auto& faulty : {TableShape::FromParts({"shoe_size"}),
                             TableShape::FromParts({"sex", "sex=male"})}) {
    EXPECT_THAT(faulty, FailsWith(ErrorReason::kFieldInvalid));
  }
}

// A count of referrals opens no median of them.
TEST(TableScopeTest, AMeasureIsPartOfTheTable) {
  const TableShape referrals = Shape({"partner", "measure=REFERRALS"});
  EXPECT_EQ(referrals.Words(), "referrals by partner");
  EXPECT_EQ(Shape(referrals.Parts()), referrals);
  const TableShape median = Shape({"measure=MEDIAN_HANDOVER_DAYS", "partner"});
  EXPECT_EQ(median.Words(),
            "median of days from acceptance to handover by partner");
  const TableScope scope = {"", referrals};
  EXPECT_TRUE(scope.Holds(referrals));
  EXPECT_TRUE(scope.Holds(Shape({"measure=REFERRALS"})));
  EXPECT_FALSE(scope.Holds(median));
  EXPECT_FALSE(scope.Holds(Shape({})));
  EXPECT_EQ(ScopeWords(scope), "REFERRALS by any of partner");
  for (const auto& faulty :
       {TableShape::FromParts({"partner"}),
        TableShape::FromParts({"sex", "measure=REFERRALS"}),
        TableShape::FromParts({"measure=MEAN_DAYS"}),
        TableShape::FromParts({"acceptance_days", "measure=REFERRALS"}),
        TableShape::FromParts({"measure=REFERRALS", "measure=PERSONS"})}) {
    EXPECT_THAT(faulty, FailsWith(ErrorReason::kFieldInvalid));
  }
}

TEST(TableScopeTest, AShapeOfAQuestionIsWhatItSpellsOut) {
  ASSERT_OK_AND_ASSIGN(
      const TableQuestion question,
      TableQuestion::Create("2018", {"sex"}, {{"age_group", {"18+"}}}));
  EXPECT_EQ(TableShape::Of(question), Shape({"sex", "age_group=18+"}));
}

// Whatever a grant can be made of, two shapes of one set are both opened by it
// or both not.
TEST(TableScopeTest, ShapesApartStandForAllShapes) {
  const TableScope one = {"", {{"industry", "sex"}, {}}};
  const std::vector<TableScope> scopes = {kTwo, kPart, one};
  const auto holders = [&](const TableShape& shape) {
    std::vector<bool> held;
    for (const TableScope& scope : scopes) held.push_back(scope.Holds(shape));
    return held;
  };
  const std::vector<TableShape> shapes = ShapesApart(scopes);
  EXPECT_EQ(shapes.front(), TableShape());
  std::set<std::vector<bool>> apart;
  for (size_t i = 1; i < shapes.size(); ++i) {
    EXPECT_TRUE(apart.insert(holders(shapes[i])).second) << shapes[i].Words();
  }
  const std::vector<std::string> parts = {
      "age_group",    "age_group=18+",
      "sex",          "sex=male",
      "industry",     "industry=P_Education",
      "exploitation", "exploitation=ForcedLabour"};
  for (const std::string& a : parts) {
    for (const std::string& b : parts) {
      const auto shape = TableShape::FromParts({a, b});
      if (!shape.ok()) continue;
      const std::vector<bool> held = holders(*shape);
      const bool any = std::find(held.begin(), held.end(), true) != held.end();
      EXPECT_EQ(apart.contains(held), any) << shape->Words();
    }
  }
}

}  // namespace
}  // namespace comity
