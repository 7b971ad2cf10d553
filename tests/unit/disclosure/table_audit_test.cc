#include "node/disclosure/table_audit.h"

#include "node/disclosure/suppression.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/disclosure/grid_of.h"

namespace comity {
namespace {

// The system of a grid of closed dimensions: -1 stands for a hidden cell.
CountSystem SystemOf(const TableGrid& grid, const std::vector<int64_t>& cells) {
  CountSystem system;
  std::vector<size_t> numbers;
  for (const int64_t value : cells) {
    numbers.push_back(numbers.size());
    system.cells.push_back(value < 0 ? CountBounds{}
                                     : CountBounds{value, value});
  }
  AddLinesOf(grid, numbers, system);
  return system;
}

std::vector<size_t> UncoveredBy(const CountSystem& system) {
  const AuditOutcome outcome = SolveCounts(system);
  EXPECT_TRUE(outcome.contradictions.empty());
  std::vector<size_t> uncovered;
  for (size_t i = 0; i < system.cells.size(); ++i) {
    if (outcome.Uncovers(system, i)) uncovered.push_back(i);
  }
  return uncovered;
}

TEST(TableAuditTest, SubtractionUncoversTheOnlyHiddenCellOfALine) {
  EXPECT_THAT(UncoveredBy(SystemOf(GridOf({3}), {30, -1, 20, 54})),
              testing::ElementsAre(1));
  EXPECT_THAT(UncoveredBy(SystemOf(GridOf({3}), {30, -1, -1, 54})),
              testing::IsEmpty());
}

TEST(TableAuditTest, TwoHiddenCellsThatAddUpToNothingAreBothKnown) {
  EXPECT_THAT(UncoveredBy(SystemOf(GridOf({3}), {30, -1, -1, 30})),
              testing::ElementsAre(1, 2));
}

// No line has one hidden cell, yet rows less columns leave a single one.
TEST(TableAuditTest, EliminationFindsWhatNoSingleLineTells) {
  //  ?  ?  9 | 20      rows 1 and 2 together hold the first two columns and
  //  ?  ?  9 | 21      the hidden cell of the third: 20 + 21 less 14 less 8.
  CountSystem system;
  const auto add = [&system](int64_t least, int64_t most) {
    system.cells.push_back({least, most});
    return system.cells.size() - 1;
  };
  std::vector<size_t> x;
  for (int i = 0; i < 5; ++i) x.push_back(add(0, 100));
  system.AddLine({x[0], x[1], x[4]}, add(20, 20));
  system.AddLine({x[2], x[3]}, add(21, 21));
  system.AddLine({x[0], x[2]}, add(14, 14));
  system.AddLine({x[1], x[3]}, add(20, 20));
  const AuditOutcome outcome = SolveCounts(system);
  EXPECT_TRUE(outcome.Uncovers(system, x[4]));
  EXPECT_EQ(outcome.cells[x[4]].least, 7);
  EXPECT_FALSE(outcome.Uncovers(system, x[0]));
}

TEST(TableAuditTest, FiguresThatDoNotAddUpAreContradictions) {
  const CountSystem system = SystemOf(GridOf({2}), {49, 11, 64});
  EXPECT_THAT(SolveCounts(system).contradictions, testing::ElementsAre(0));
}

TEST(TableAuditTest, KnownErrorsGiveBoundsAndNoExactCounts) {
  CountSystem system;
  system.cells = {{22, 38}, {12, 28}, {0, CountBounds::kUnbounded}, {48, 64}};
  system.AddLine({0, 1, 2}, 3);
  const AuditOutcome outcome = SolveCounts(system);
  EXPECT_TRUE(outcome.contradictions.empty());
  EXPECT_EQ(outcome.cells[2].least, 0);
  EXPECT_EQ(outcome.cells[2].most, 30);
}

TEST(TableAuditTest, CountsOfPersonsUnderSeveralCodesNeedNotAddUp) {
  const TableGrid several({{"exploitation", {"a", "b"}, false, true}});
  EXPECT_THAT(UncoveredBy(SystemOf(several, {30, -1, 40})), testing::IsEmpty());
  const TableGrid open({{"citizenship", {"a", "b"}, true, false}});
  EXPECT_THAT(UncoveredBy(SystemOf(open, {30, -1, 40})), testing::IsEmpty());
}

std::vector<std::string> NamesOf(const TableGrid& grid) {
  std::vector<std::string> names;
  for (size_t cell = 0; cell < grid.size(); ++cell) {
    std::string name;
    for (size_t axis = 0; axis < grid.axes().size(); ++axis) {
      if (grid.IsTotal(cell, axis)) continue;
      name += grid.axes()[axis].column + "=" + grid.CodesOf(cell)[axis] + ";";
    }
    names.push_back(name);
  }
  return names;
}

CountSystem PublishedSystem(const TableGrid& grid,
                            const ProtectedCells& cells) {
  std::vector<int64_t> values;
  for (const auto& cell : cells) {
    values.push_back(cell ? static_cast<int64_t>(*cell) : -1);
  }
  return SystemOf(grid, values);
}

// Detected victims in Albania 2017 (UNODC): printing "<5" for male adults alone
// does not hide them.
TEST(SuppressionTest, ComplementaryCellsProtectTheRealSmallCell) {
  std::mt19937_64 chance(1);
  const TableGrid grid(
      {{"age_group", {"0-17", "18+"}}, {"sex", {"female", "male"}}});
  const ExactTable exact =
      TableOf(grid, std::vector<uint64_t>{36, 31, 24, 4}, chance);
  EXPECT_THAT(UncoveredBy(SystemOf(grid, {36, 31, 67, 24, -1, 28, 60, 35, 95})),
              testing::ElementsAre(4));
  const auto cells =
      ProtectBySuppression(exact, 11, NamesOf(grid), {}, EarlierReleases(9));
  ASSERT_TRUE(cells.has_value());
  EXPECT_FALSE((*cells)[4].has_value());
  EXPECT_EQ((*cells)[8], 95u);
  const AuditOutcome known = SolveCounts(PublishedSystem(grid, *cells));
  EXPECT_EQ(known.cells[4].least, 0);
  EXPECT_GE(known.cells[4].most, 10);
}

TEST(SuppressionTest, OfNoRandomTableASmallCellIsKnownBetterThanUnderK) {
  std::mt19937_64 chance(2);
  const std::vector<std::vector<size_t>> shapes = {{5}, {3, 4}, {2, 3, 2}};
  int shown = 0;
  for (int trial = 0; trial < 300; ++trial) {
    const TableGrid grid = GridOf(shapes[static_cast<size_t>(trial) % 3]);
    std::vector<uint64_t> inner;
    for (size_t i = 0; i < grid.size(); ++i) inner.push_back(chance() % 60);
    const ExactTable exact = TableOf(grid, inner, chance);
    const auto cells = ProtectBySuppression(exact, 11, NamesOf(grid), {},
                                            EarlierReleases(grid.size()));
    ASSERT_TRUE(cells.has_value());
    const AuditOutcome known = SolveCounts(PublishedSystem(grid, *cells));
    for (size_t cell = 0; cell < grid.size(); ++cell) {
      shown += (*cells)[cell].has_value();
      if (exact.cells[cell].persons >= 11) continue;
      EXPECT_EQ(known.cells[cell].least, 0);
      EXPECT_GE(known.cells[cell].most, 10);
    }
  }
  EXPECT_GT(shown, 1000);
}

// By sex and age one cell is hidden; by sex alone nothing would have to be.
TEST(SuppressionTest, AnEarlierTableIsPartOfWhatIsSolved) {
  std::mt19937_64 chance(3);
  const TableGrid cross(
      {{"age_group", {"0-17", "18+"}}, {"sex", {"female", "male"}}});
  // Earlier: by sex and age, with female and male totals hidden in place of
  // cells.
  const LinkedTable earlier{cross,
                            {40, 30, 70, 20, std::nullopt, std::nullopt, 60,
                             std::nullopt, std::nullopt},
                            NamesOf(cross)};
  const TableGrid ages({{"age_group", {"0-17", "18+"}}});
  const ExactTable by_age =
      TableOf(ages, std::vector<uint64_t>{70, 24}, chance);
  // Alone the table could be shown in full: 24 less 20 leaves 4 male adults.
  const auto alone =
      ProtectBySuppression(by_age, 11, NamesOf(ages), {}, EarlierReleases(3));
  ASSERT_TRUE(alone.has_value());
  EXPECT_TRUE((*alone)[1].has_value());
  const auto linked = ProtectBySuppression(
      by_age, 11, NamesOf(ages), {earlier},
      {EarlierRelease::kShown, EarlierRelease::kNever, EarlierRelease::kNever});
  ASSERT_TRUE(linked.has_value());
  EXPECT_FALSE((*linked)[1].has_value());
  EXPECT_FALSE((*linked)[2].has_value());
}

}  // namespace
}  // namespace comity
