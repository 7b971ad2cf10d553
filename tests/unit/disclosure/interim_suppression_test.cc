#include "node/disclosure/interim_suppression.h"

#include "node/disclosure/regional_sum.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using Counts = std::map<std::vector<std::string>, uint64_t>;

std::map<std::vector<std::string>, std::string> Shown(const Counts& exact) {
  std::map<std::vector<std::string>, std::string> shown;
  for (const TableCell& cell : ProtectInterim(exact, 11).cells) {
    shown[cell.codes] = cell.suppressed ? "-" : std::to_string(cell.value);
  }
  return shown;
}

// Detected victims in Niger 2018 (UNODC, GLOTIP): 43 female, 17 male.
TEST(InterimSuppressionTest, AOneWayTableShowsItsFiguresAndTotal) {
  EXPECT_THAT(
      Shown({{{"female"}, 43}, {{"male"}, 17}, {{"total"}, 60}}),
      testing::ElementsAre(testing::Pair(testing::ElementsAre("female"), "43"),
                           testing::Pair(testing::ElementsAre("male"), "17"),
                           testing::Pair(testing::ElementsAre("total"), "60")));
}

TEST(InterimSuppressionTest, ASmallCategoryHidesItsWholeLineButNotTheTotal) {
  const auto shown = Shown({{{"female"}, 57}, {{"male"}, 3}, {{"total"}, 60}});
  EXPECT_EQ(shown.at({"female"}), "-");
  EXPECT_EQ(shown.at({"male"}), "-");
  EXPECT_EQ(shown.at({"total"}), "60");
}

TEST(InterimSuppressionTest, ASmallTotalIsHidden) {
  EXPECT_EQ(Shown({{{}, 10}}).at({}), "-");
  EXPECT_EQ(Shown({{{}, 11}}).at({}), "11");
}

TEST(InterimSuppressionTest, OneSmallInnerCellHidesAllInnerCells) {
  for (const uint64_t small : {0u, 1u, 10u}) {
    const auto shown = Shown({{{"a", "f"}, 40},
                              {{"a", "m"}, small},
                              {{"b", "f"}, 20},
                              {{"b", "m"}, 30},
                              {{"a", "total"}, 40 + small},
                              {{"b", "total"}, 50},
                              {{"total", "f"}, 60},
                              {{"total", "m"}, 30 + small},
                              {{"total", "total"}, 90 + small}});
    for (const char* row : {"a", "b"}) {
      for (const char* column : {"f", "m"}) {
        EXPECT_EQ(shown.at({row, column}), "-");
      }
    }
    EXPECT_EQ(shown.at({"b", "total"}), "50");
    EXPECT_EQ(shown.at({"total", "f"}), "60");
  }
}

TEST(RegionalSumTest, AddsValuesAndCountsWhoSuppressed) {
  const auto sums = SumTables(
      {ProtectInterim({{{"f"}, 980}, {{"m"}, 193}, {{"total"}, 1173}}, 11),
       ProtectInterim({{{"f"}, 43}, {{"m"}, 17}, {{"total"}, 60}}, 11),
       ProtectInterim({{{"f"}, 43}, {{"m"}, 2}, {{"total"}, 45}}, 11)});
  ASSERT_EQ(sums.size(), 3u);
  EXPECT_EQ(sums[0].sum, 1023u);
  EXPECT_EQ(sums[0].suppressed_members, 1u);
  EXPECT_EQ(sums[2].sum, 1278u);
  EXPECT_EQ(sums[2].members, 3u);
}

}  // namespace
}  // namespace comity
