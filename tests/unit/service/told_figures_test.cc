#include "node/service/told_figures.h"

#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::Contains;
using testing::HasSubstr;

// The commission's node, whose people ask members that tell their sum alone.
class ToldFiguresTest : public testing::Test {
 protected:
  static TableQuestion Question(const std::vector<std::string>& by = {"sex"},
                                const std::string& period = "2018") {
    return *TableQuestion::Create(period, by, {});
  }

  absl::Status May(const std::vector<std::string>& members, bool alone = true,
                   const TableQuestion& question = Question()) const {
    return CheckMayBeTold(question, members, alone, parts_.store);
  }

  // Notes an answer as the commit that tells it would.
  ops::RequestTableResponse Tell(const std::vector<std::string>& members,
                                 bool alone = true,
                                 const TableQuestion& question = Question(),
                                 bool with_cells = true) {
    ops::RequestTableResponse response;
    for (const std::string& code : members) {
      auto* member = response.add_members();
      member->set_participant(code);
      member->mutable_table()->set_revision(1);
      member->set_in_sum_alone(alone);
    }
    response.set_answered(static_cast<uint32_t>(members.size()));
    if (with_cells) response.add_cells()->set_sum(60);
    EXPECT_OK(parts_.writer.Commit([&](CommitScope& scope) {
      return NoteTold(question, scope, response);
    }));
    return response;
  }

  static auto Refused() { return FailsWith(ErrorReason::kRefusedAtHome); }

  ServiceParts parts_;
};

// With the sum over four and that over three of them, the fourth is known.
TEST_F(ToldFiguresTest, Law8ASecondSumOverPartOfTheMembersIsRefused) {
  Tell({"NE", "NG", "TD", "TG"});
  EXPECT_THAT(May({"NE", "NG", "TG"}), Refused());
  EXPECT_THAT(May({"BJ", "NE", "NG", "TD", "TG"}), Refused());
  // Nor by a table that has cells in common with the first.
  EXPECT_THAT(May({"NE", "NG", "TG"}, true, Question({"age_group"})),
              Refused());
  EXPECT_OK(May({"TG", "TD", "NG", "NE"}, true, Question({"age_group"})));
  EXPECT_OK(May({"NE", "NG", "TG"}, true, Question({"sex"}, "2019")));
  // Of whom nothing was told, nothing is subtracted.
  EXPECT_OK(May({"BF", "BJ", "CI"}));
}

// Two sums over sets without a member in common, and one over all of them and a
// seventh, would tell of the seventh.
TEST_F(ToldFiguresTest, ASumOverTwoSetsAndOneMoreIsRefused) {
  Tell({"BF", "BJ", "CI"});
  Tell({"NE", "NG", "TG"});
  EXPECT_THAT(May({"BF", "BJ", "CI", "GH", "NE", "NG", "TG"}), Refused());
}

TEST_F(ToldFiguresTest, OwnFiguresAndASumDoNotLeaveOneOrTwo) {
  Tell({"NE", "NG"}, /*alone=*/false);
  EXPECT_THAT(May({"NE", "NG", "TG"}), Refused());
  EXPECT_THAT(May({"NE", "NG", "TD", "TG"}), Refused());
  EXPECT_OK(May({"BJ", "NE", "NG", "TD", "TG"}));
  Tell({"BJ", "NE", "NG", "TD", "TG"});
  // The other way round, and what is known already is known.
  EXPECT_THAT(May({"BJ"}, /*alone=*/false), Refused());
  EXPECT_OK(May({"NE", "NG"}, /*alone=*/false));
  EXPECT_OK(May({"BJ", "TD", "TG"}, /*alone=*/false));
  EXPECT_OK(May({"GH"}, /*alone=*/false));
}

// Under an agreement that let each table be told, all of them were.
TEST_F(ToldFiguresTest, WhoseTablesAreKnownHaveNothingToHide) {
  Tell({"NE", "NG", "TG"}, /*alone=*/false);
  EXPECT_OK(May({"NE", "NG", "TG"}));
}

TEST_F(ToldFiguresTest, MasksWithoutASumTellNothing) {
  Tell({"NE", "NG", "TD"}, true, Question(), /*with_cells=*/false);
  EXPECT_OK(May({"NE", "NG", "TG"}));
}

// Two questions at once are both checked before either is answered.
TEST_F(ToldFiguresTest, WhatWasToldMeanwhileTakesTheFiguresOut) {
  EXPECT_EQ(Tell({"NE", "NG", "TD", "TG"}).cells_size(), 1);
  const auto late = Tell({"NE", "NG", "TG"});
  EXPECT_EQ(late.cells_size(), 0);
  EXPECT_EQ(late.answered(), 0u);
  EXPECT_THAT(late.notes(), Contains(HasSubstr("No figure is told")));
  for (const auto& member : late.members()) {
    EXPECT_FALSE(member.has_table());
    EXPECT_EQ(member.reason(), "REFUSED_AT_HOME");
  }
  // The same of own tables, which are in the members' outcomes.
  const auto own = Tell({"NE"}, /*alone=*/false);
  EXPECT_OK(May({"NE", "NG", "TD", "TG"}));
  EXPECT_TRUE(own.members(0).has_table());
  const auto third = Tell({"TD"}, /*alone=*/false);
  EXPECT_FALSE(third.members(0).has_table());
}

}  // namespace
}  // namespace comity
