#include "node/disclosure/linear_bounds.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>

#include "node/disclosure/suppression.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/disclosure/grid_of.h"

namespace comity {
namespace {

// In how many dimensions the cell is a total.
size_t TotalsOf(const TableGrid& grid, size_t cell) {
  size_t totals = 0;
  for (size_t axis = 0; axis < grid.axes().size(); ++axis) {
    totals += grid.IsTotal(cell, axis) ? 1 : 0;
  }
  return totals;
}

// The system of a table of which the cells that `hides` names are hidden.
template <typename Hides>
CountSystem SystemOf(const ExactTable& exact, const Hides& hides) {
  CountSystem system;
  std::vector<size_t> numbers;
  for (size_t cell = 0; cell < exact.grid.size(); ++cell) {
    const auto count = static_cast<int64_t>(exact.cells[cell].persons);
    numbers.push_back(cell);
    system.cells.push_back(hides(cell) ? CountBounds{}
                                       : CountBounds{count, count});
  }
  AddLinesOf(exact.grid, numbers, system);
  return system;
}

// The smallest and the largest count of each cell, by trying every table of
// whole counts. It knows neither flows nor programmes.
class EveryTable {
 public:
  // `within`: valid bounds, all with an end.
  EveryTable(const CountSystem& system, std::vector<CountBounds> within)
      : system_(system),
        within_(std::move(within)),
        chosen_(within_),
        found_(within_.size(), {CountBounds::kUnbounded, -1}),
        equations_(within_.size()) {
    for (size_t i = 0; i < system.equations.size(); ++i) {
      for (const auto& term : system.equations[i].terms) {
        equations_[term.cell].push_back(i);
      }
    }
    for (size_t cell = 0; cell < within_.size(); ++cell) {
      if (!within_[cell].IsExact()) open_.push_back(cell);
    }
    Choose(0);
  }

  const std::vector<CountBounds>& bounds() const { return found_; }

 private:
  void Choose(size_t at) {
    if (at == open_.size()) {
      for (size_t cell = 0; cell < chosen_.size(); ++cell) {
        found_[cell].least = std::min(found_[cell].least, chosen_[cell].least);
        found_[cell].most = std::max(found_[cell].most, chosen_[cell].most);
      }
      return;
    }
    const size_t cell = open_[at];
    for (int64_t count = within_[cell].least; count <= within_[cell].most;
         ++count) {
      chosen_[cell] = {count, count};
      if (MayHold(cell)) Choose(at + 1);
    }
    chosen_[cell] = within_[cell];
  }

  // Whether the cell's equations can still be fulfilled.
  bool MayHold(size_t cell) const {
    for (const size_t equation : equations_[cell]) {
      int64_t least = 0;
      int64_t most = 0;
      for (const auto& term : system_.equations[equation].terms) {
        const CountBounds& bounds = chosen_[term.cell];
        least += term.sign > 0 ? bounds.least : -bounds.most;
        most += term.sign > 0 ? bounds.most : -bounds.least;
      }
      if (least > 0 || most < 0) return false;
    }
    return true;
  }

  const CountSystem& system_;
  const std::vector<CountBounds> within_;
  std::vector<CountBounds> chosen_;
  std::vector<CountBounds> found_;
  std::vector<std::vector<size_t>> equations_;  // by cell
  std::vector<size_t> open_;
};

// Four rows, four columns and two layers; for each row its columns, and for
// each of those both layers.
//   first layer  3 2 2 2   second layer  4 1 0 0
//                2 4 3 2                 2 3 0 0
//                0 0 4 3                 3 5 4 2
//                0 0 3 5                 4 2 1 6
// In the first layer, the first two rows hold 9 more than the first two
// columns (20 less 11), which nothing but the four cells on the upper right can
// bring, less what those on the lower left take away. Those four have 9 in both
// layers together. So the first layer holds all of that, and nothing on the
// lower left.
ExactTable TwoLayers() {
  std::mt19937_64 chance(1);
  return TableOf(GridOf({4, 4, 2}),
                 std::vector<uint64_t>{3, 4, 2, 1, 2, 0, 2, 0,  //
                                       2, 2, 4, 3, 3, 0, 2, 0,  //
                                       0, 3, 0, 5, 4, 4, 3, 2,  //
                                       0, 4, 0, 2, 3, 1, 5, 6},
                 chance);
}

CountSystem WithoutInnerCells(const ExactTable& exact) {
  return SystemOf(
      exact, [&exact](size_t cell) { return TotalsOf(exact.grid, cell) == 0; });
}

// Whether the cell is on the upper right or the lower left.
bool IsTold(const TableGrid& grid, size_t cell) {
  return (grid.PlaceOf(cell, 0) < 2) != (grid.PlaceOf(cell, 1) < 2);
}

TEST(LinearBoundsTest, AllMarginsTogetherTellCellsThatNoSingleLineTells) {
  const ExactTable exact = TwoLayers();
  const CountSystem system = WithoutInnerCells(exact);
  const AuditOutcome narrowed = NarrowCounts(system);
  const AuditOutcome outcome = SolveCounts(system);
  EXPECT_TRUE(outcome.contradictions.empty());
  EXPECT_TRUE(outcome.complete);
  const EveryTable every(system, narrowed.cells);
  for (size_t cell = 0; cell < exact.grid.size(); ++cell) {
    EXPECT_EQ(outcome.cells[cell].least, every.bounds()[cell].least) << cell;
    EXPECT_EQ(outcome.cells[cell].most, every.bounds()[cell].most) << cell;
    if (TotalsOf(exact.grid, cell) > 0) continue;
    EXPECT_FALSE(narrowed.cells[cell].IsExact()) << cell;
    EXPECT_EQ(outcome.Uncovers(system, cell), IsTold(exact.grid, cell)) << cell;
    if (!IsTold(exact.grid, cell)) continue;
    EXPECT_EQ(outcome.cells[cell].least,
              static_cast<int64_t>(exact.cells[cell].persons));
  }
}

// Each row, column and layer by itself is a table of two dimensions.
TEST(LinearBoundsTest, NoSliceOfThatTableTellsACell) {
  const ExactTable exact = TwoLayers();
  const TableGrid& grid = exact.grid;
  for (size_t axis = 0; axis < 3; ++axis) {
    for (size_t place = 0; place < grid.axes()[axis].codes.size(); ++place) {
      CountSystem slice = WithoutInnerCells(exact);
      const auto leaves = [&](const CountEquation& equation) {
        return std::any_of(equation.terms.begin(), equation.terms.end(),
                           [&](const CountEquation::Term& term) {
                             return grid.PlaceOf(term.cell, axis) != place;
                           });
      };
      slice.equations.erase(std::remove_if(slice.equations.begin(),
                                           slice.equations.end(), leaves),
                            slice.equations.end());
      const AuditOutcome outcome = SolveCounts(slice);
      for (size_t cell = 0; cell < grid.size(); ++cell) {
        if (TotalsOf(grid, cell) > 0) continue;
        EXPECT_FALSE(outcome.cells[cell].IsExact()) << axis << " " << place;
      }
    }
  }
}

// What the auditor found over all tables that were looked at.
struct Tally {
  size_t open = 0;    // cells that were not published
  size_t wider = 0;   // of those, with bounds that no table reaches
  size_t solved = 0;  // of those, known better than by single lines
};

void CompareWithEveryTable(const CountSystem& system, Tally& tally) {
  const AuditOutcome narrowed = NarrowCounts(system);
  const AuditOutcome outcome = SolveCounts(system);
  ASSERT_TRUE(outcome.contradictions.empty());
  ASSERT_TRUE(outcome.complete);
  const EveryTable every(system, narrowed.cells);
  for (size_t cell = 0; cell < system.cells.size(); ++cell) {
    if (system.cells[cell].IsExact()) continue;
    const CountBounds& possible = every.bounds()[cell];
    const CountBounds& known = outcome.cells[cell];
    const CountBounds& simple = narrowed.cells[cell];
    ASSERT_LE(known.least, possible.least) << cell;
    ASSERT_GE(known.most, possible.most) << cell;
    ++tally.open;
    if (known.least != possible.least || known.most != possible.most) {
      ++tally.wider;
    }
    if (known.least != simple.least || known.most != simple.most) {
      ++tally.solved;
    }
  }
}

// As TwoLayers(), with other figures; a third layer says little.
TEST(LinearBoundsTest, BoundsAreThoseOfAllTablesThatFit) {
  std::mt19937_64 chance(3);
  Tally tally;
  for (int trial = 0; trial < 60; ++trial) {
    const TableGrid grid = GridOf({4, 4, trial % 2 == 0 ? size_t{2} : 3});
    std::vector<uint64_t> inner;
    for (size_t cell = 0; cell < grid.size(); ++cell) {
      if (TotalsOf(grid, cell) > 0) continue;
      const size_t row = grid.PlaceOf(cell, 0);
      const size_t column = grid.PlaceOf(cell, 1);
      const size_t layer = grid.PlaceOf(cell, 2);
      const bool is_empty = layer == 0   ? row >= 2 && column < 2
                            : layer == 1 ? row < 2 && column >= 2
                                         : chance() % 10 < 9;
      inner.push_back(is_empty ? 0 : 1 + chance() % 3);
    }
    const ExactTable exact = TableOf(grid, inner, chance);
    CompareWithEveryTable(WithoutInnerCells(exact), tally);
  }
  EXPECT_GT(tally.open, 2000u);
  EXPECT_GT(tally.solved, 600u);
  // Programmes may stop at broken numbers; here they hardly ever do.
  EXPECT_LE(tally.wider, tally.open / 50);
}

TEST(LinearBoundsTest, BoundsOfSmallRandomTablesAreThoseOfAllThatFit) {
  std::mt19937_64 chance(4);
  const std::vector<std::vector<size_t>> shapes = {
      {2, 2, 2}, {2, 3, 2}, {3, 3, 2}, {3, 3, 3}};
  Tally tally;
  for (int trial = 0; trial < 120; ++trial) {
    const TableGrid grid = GridOf(shapes[static_cast<size_t>(trial) % 4]);
    std::vector<uint64_t> inner;
    for (size_t i = 0; i < grid.size(); ++i) inner.push_back(chance() % 3);
    const ExactTable exact = TableOf(grid, inner, chance);
    CompareWithEveryTable(SystemOf(exact,
                                   [&](size_t cell) {
                                     const size_t totals = TotalsOf(grid, cell);
                                     return totals == 0 ? chance() % 10 < 9
                                                        : totals == 1 &&
                                                              chance() % 20 < 1;
                                   }),
                          tally);
  }
  EXPECT_GT(tally.open, 1000u);
  EXPECT_LE(tally.wider, tally.open / 50);
}

// A year of a state by citizenship, exploitation and status.
TEST(LinearBoundsTest, ATableOfRealSizeIsSolvedToTheEnd) {
  std::mt19937_64 chance(5);
  const TableGrid grid = GridOf({12, 8, 3});
  size_t solved = 0;
  for (int trial = 0; trial < 3; ++trial) {
    std::vector<uint64_t> inner;
    for (size_t i = 0; i < grid.size(); ++i) {
      inner.push_back(chance() % 2 == 0 ? chance() % 12 : chance() % 80);
    }
    const ExactTable exact = TableOf(grid, inner, chance);
    const CountSystem system = SystemOf(exact, [&](size_t cell) {
      return TotalsOf(grid, cell) < 2 && chance() % 10 < 8;
    });
    const AuditOutcome narrowed = NarrowCounts(system);
    const AuditOutcome outcome = SolveCounts(system);
    EXPECT_TRUE(outcome.contradictions.empty());
    EXPECT_TRUE(outcome.complete);
    for (size_t cell = 0; cell < grid.size(); ++cell) {
      const auto count = static_cast<int64_t>(exact.cells[cell].persons);
      EXPECT_LE(outcome.cells[cell].least, count);
      EXPECT_GE(outcome.cells[cell].most, count);
      EXPECT_GE(outcome.cells[cell].least, narrowed.cells[cell].least);
      EXPECT_LE(outcome.cells[cell].most, narrowed.cells[cell].most);
      solved += outcome.cells[cell].least > narrowed.cells[cell].least ||
                outcome.cells[cell].most < narrowed.cells[cell].most;
    }
  }
  EXPECT_GT(solved, 0u);
}

TEST(LinearBoundsTest, WhatIsTooLargeToBeSolvedIsSaid) {
  std::mt19937_64 chance(6);
  const TableGrid grid = GridOf({13, 13, 12});
  std::vector<uint64_t> inner;
  for (size_t i = 0; i < grid.size(); ++i) inner.push_back(1 + chance() % 9);
  const ExactTable exact = TableOf(grid, inner, chance);
  const AuditOutcome outcome = SolveCounts(WithoutInnerCells(exact));
  EXPECT_TRUE(outcome.contradictions.empty());
  EXPECT_FALSE(outcome.complete);
  for (size_t cell = 0; cell < grid.size(); ++cell) {
    const auto count = static_cast<int64_t>(exact.cells[cell].persons);
    EXPECT_LE(outcome.cells[cell].least, count);
    EXPECT_GE(outcome.cells[cell].most, count);
  }
}

// Three cells, each two of which add up to `sum`.
CountSystem Triangle(int64_t sum) {
  CountSystem system;
  system.cells = {{}, {}, {}, {sum, sum}};
  system.AddLine({0, 1}, 3);
  system.AddLine({1, 2}, 3);
  system.AddLine({0, 2}, 3);
  return system;
}

// One side may be less, so that elimination tells nothing.
TEST(LinearBoundsTest, CountsOverTheLargestAreNotSolved) {
  for (const int64_t sum :
       {kLargestProgrammeCount, 2 + kLargestProgrammeCount}) {
    CountSystem system = Triangle(sum);
    system.cells.emplace_back();
    system.equations[2].terms.push_back({4, 1});
    const AuditOutcome outcome = SolveCounts(system);
    const bool fits = sum == kLargestProgrammeCount;
    EXPECT_EQ(outcome.complete, fits);
    EXPECT_EQ(outcome.cells[0].most, fits ? sum / 2 : sum);
  }
}

// Half a person each would do, and no whole counts.
TEST(LinearBoundsTest, EquationsThatNoWholeCountsFulfilAreContradictions) {
  EXPECT_THAT(SolveCounts(Triangle(1)).contradictions,
              testing::UnorderedElementsAre(0, 1, 2));
}

// All three together are one and a half, and not 2.
TEST(LinearBoundsTest, EquationsThatNothingFulfilsTogetherAreContradictions) {
  CountSystem system = Triangle(1);
  system.cells.push_back({2, 2});
  system.AddLine({0, 1, 2}, 4);
  // Of what has nothing to do with them nothing is said.
  system.cells.resize(8);
  system.AddLine({5, 6}, 7);
  EXPECT_THAT(SolveCounts(system).contradictions,
              testing::UnorderedElementsAre(0, 1, 2, 3));
}

TEST(LinearBoundsTest, AFigureOfThreeDimensionsThatDoesNotAddUpIsListed) {
  const ExactTable exact = TwoLayers();
  CountSystem system = WithoutInnerCells(exact);
  const auto total =
      std::find_if(system.cells.begin(), system.cells.end(),
                   [](const CountBounds& cell) { return cell.IsExact(); });
  *total = {total->least + 1, total->least + 1};
  EXPECT_FALSE(SolveCounts(system).contradictions.empty());
}

// Of two layers the inner cells are hidden already.
struct HiddenLayers {
  ExactTable exact = TwoLayers();
  std::vector<std::string> names;
  EarlierReleases earlier;

  HiddenLayers() {
    for (size_t cell = 0; cell < exact.grid.size(); ++cell) {
      names.push_back("cell" + std::to_string(cell));
      earlier.push_back(TotalsOf(exact.grid, cell) == 0
                            ? EarlierRelease::kHidden
                            : EarlierRelease::kNever);
    }
  }
};

// One solution would fit into it as often as there are any.
TEST(LinearBoundsTest, AllSolutionsOfASuppressionHaveOneBudget) {
  const HiddenLayers layers;
  const auto protect = [&layers](SolvingBudget& budget) {
    return ProtectBySuppression(layers.exact, 2, layers.names, {},
                                layers.earlier, budget);
  };
  const auto spent_of = [](const SolvingBudget& budget) {
    return SolvingBudget::kMostPivots -
           static_cast<uint64_t>(budget.PivotsLeft());
  };
  SolvingBudget whole;
  const auto cells = protect(whole);
  ASSERT_TRUE(cells.has_value());
  SolvingBudget once;
  SolveCounts(
      SystemOf(layers.exact,
               [&](size_t cell) { return !(*cells)[cell].has_value(); }),
      once);
  ASSERT_GT(spent_of(whole), spent_of(once) + 1);
  SolvingBudget less(spent_of(whole) - 1);
  EXPECT_FALSE(protect(less).has_value());
  EXPECT_TRUE(less.IsSpent());
  SolvingBudget enough(spent_of(whole) + 1);
  EXPECT_EQ(protect(enough), cells);
}

// With all margins shown the layers would tell those that nobody is in.
TEST(LinearBoundsTest, SuppressionHidesMarginsWhereLayersTellASmallCell) {
  const HiddenLayers layers;
  const ExactTable& exact = layers.exact;
  const auto cells =
      ProtectBySuppression(exact, 2, layers.names, {}, layers.earlier);
  ASSERT_TRUE(cells.has_value());
  const auto is_shown = [&](size_t cell) { return (*cells)[cell].has_value(); };
  size_t hidden_margins = 0;
  for (size_t cell = 0; cell < exact.grid.size(); ++cell) {
    if (TotalsOf(exact.grid, cell) == 0) {
      EXPECT_FALSE(is_shown(cell));
    } else if (!is_shown(cell)) {
      ++hidden_margins;
    }
  }
  EXPECT_GT(hidden_margins, 0u);
  const AuditOutcome known = SolveCounts(
      SystemOf(exact, [&](size_t cell) { return !is_shown(cell); }));
  for (size_t cell = 0; cell < exact.grid.size(); ++cell) {
    if (exact.cells[cell].persons >= 2) continue;
    EXPECT_EQ(known.cells[cell].least, 0) << cell;
    EXPECT_GE(known.cells[cell].most, 1) << cell;
  }
}

}  // namespace
}  // namespace comity
