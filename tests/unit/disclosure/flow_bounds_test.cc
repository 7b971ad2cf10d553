#include "node/disclosure/flow_bounds.h"

#include <algorithm>
#include <array>
#include <random>

#include "node/disclosure/protected_table.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/disclosure/grid_of.h"

namespace comity {
namespace {

void AddSum(const std::vector<size_t>& parts, int64_t sum,
            CountSystem& system) {
  system.cells.push_back({sum, sum});
  system.AddLine(parts, system.cells.size() - 1);
}

// The first two rows hold two more than the first two columns, which only x23
// can bring; no single line says so.
TEST(FlowBoundsTest, LinesTogetherSayMoreThanEachAfterTheOther) {
  //  x11 x12  .   .  | 10
  //  x21 x22 x23  .  | 10
  //  x31  .  x33 x34 | 10
  //   .   .  x43 x44 | 10
  //   9   9  11  11
  CountSystem system;
  system.cells.resize(10);
  AddSum({0, 1}, 10, system);
  AddSum({2, 3, 4}, 10, system);
  AddSum({5, 6, 7}, 10, system);
  AddSum({8, 9}, 10, system);
  AddSum({0, 2, 5}, 9, system);
  AddSum({1, 3}, 9, system);
  AddSum({4, 6, 8}, 11, system);
  AddSum({7, 9}, 11, system);
  EXPECT_EQ(NarrowCounts(system).cells[4].least, 0);
  const AuditOutcome outcome = SolveCounts(system);
  EXPECT_EQ(outcome.cells[4].least, 2);
  EXPECT_EQ(outcome.cells[4].most, 10);
  EXPECT_EQ(outcome.cells[5].least, 0);
  EXPECT_EQ(outcome.cells[5].most, 8);
}

// Two rows by three columns, then the rows' totals, the columns' and the whole.
using Cells = std::array<int64_t, 12>;
Cells WithTotals(const std::array<int64_t, 6>& inner) {
  Cells cells = {};
  for (size_t i = 0; i < inner.size(); ++i) {
    cells[i] = inner[i];
    cells[6 + i / 3] += inner[i];
    cells[8 + i % 3] += inner[i];
    cells[11] += inner[i];
  }
  return cells;
}

// Every table of figures up to 4.
std::vector<Cells> AllTables() {
  std::vector<Cells> tables;
  for (int number = 0; number < 5 * 5 * 5 * 5 * 5 * 5; ++number) {
    std::array<int64_t, 6> inner = {};
    int rest = number;
    for (int64_t& figure : inner) {
      figure = rest % 5;
      rest /= 5;
    }
    tables.push_back(WithTotals(inner));
  }
  return tables;
}

bool Fits(const Cells& cells, const CountSystem& system) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (cells[i] < system.cells[i].least || cells[i] > system.cells[i].most) {
      return false;
    }
  }
  return true;
}

TEST(FlowBoundsTest, BoundsAreThoseOfAllTablesThatFit) {
  std::mt19937_64 chance(1);
  const std::vector<Cells> all = AllTables();
  for (int trial = 0; trial < 60; ++trial) {
    const Cells& truth = all[chance() % all.size()];
    CountSystem system;
    for (size_t i = 0; i < truth.size(); ++i) {
      const bool hidden = chance() % 10 < (i < 6 ? 8 : 3);
      const int64_t most = i < 6 ? 4 : 24;
      system.cells.push_back(hidden ? CountBounds{0, most}
                                    : CountBounds{truth[i], truth[i]});
    }
    system.AddLine({0, 1, 2}, 6);
    system.AddLine({3, 4, 5}, 7);
    system.AddLine({0, 3}, 8);
    system.AddLine({1, 4}, 9);
    system.AddLine({2, 5}, 10);
    system.AddLine({6, 7}, 11);
    system.AddLine({8, 9, 10}, 11);
    std::vector<CountBounds> expected(truth.size(), {100, -1});
    for (const Cells& cells : all) {
      if (!Fits(cells, system)) continue;
      for (size_t i = 0; i < cells.size(); ++i) {
        expected[i].least = std::min(expected[i].least, cells[i]);
        expected[i].most = std::max(expected[i].most, cells[i]);
      }
    }
    const AuditOutcome outcome = SolveCounts(system);
    ASSERT_TRUE(outcome.contradictions.empty());
    for (size_t i = 0; i < truth.size(); ++i) {
      EXPECT_EQ(outcome.cells[i].least, expected[i].least) << trial << " " << i;
      EXPECT_EQ(outcome.cells[i].most, expected[i].most) << trial << " " << i;
    }
  }
}

// What has no bound keeps none, and what the rest leaves free stays free.
TEST(FlowBoundsTest, WithoutATotalThereIsNoLargestCount) {
  CountSystem system;
  system.cells.resize(3);
  system.cells[0] = {5, 7};
  system.AddLine({0, 1}, 2);
  std::vector<CountBounds> bounds = system.cells;
  SolvingBudget budget;
  NarrowByFlows(system, budget, bounds);
  EXPECT_EQ(bounds[1].least, 0);
  EXPECT_EQ(bounds[1].most, CountBounds::kUnbounded);
  EXPECT_EQ(bounds[2].least, 5);
  EXPECT_EQ(bounds[2].most, CountBounds::kUnbounded);
}

// Three dimensions are no network; what no counts fulfil has no flow.
TEST(FlowBoundsTest, WhatIsNoNetworkOrHasNoSolutionStaysAsItIs) {
  CountSystem system;
  system.cells.resize(4);
  system.AddLine({0, 1}, 3);
  system.AddLine({0, 2}, 3);
  system.AddLine({1, 2}, 3);
  std::vector<CountBounds> bounds(4, {0, 9});
  SolvingBudget budget;
  NarrowByFlows(system, budget, bounds);
  for (const CountBounds& cell : bounds) EXPECT_EQ(cell.most, 9);
  CountSystem contradictory;
  contradictory.cells = {{0, 3}, {0, 3}, {8, 8}};
  contradictory.AddLine({0, 1}, 2);
  bounds = contradictory.cells;
  NarrowByFlows(contradictory, budget, bounds);
  EXPECT_EQ(bounds[0].least, 0);
  EXPECT_EQ(bounds[0].most, 3);
}

TEST(FlowBoundsTest, BoundsOfTablesOfThreeDimensionsHoldTheTruth) {
  std::mt19937_64 chance(2);
  const TableGrid grid = GridOf({2, 2, 2});
  for (int trial = 0; trial < 100; ++trial) {
    std::vector<uint64_t> inner;
    for (int i = 0; i < 8; ++i) inner.push_back(chance() % 6);
    const ExactTable exact = TableOf(grid, inner, chance);
    CountSystem system;
    std::vector<size_t> numbers;
    for (const ExactCount& cell : exact.cells) {
      numbers.push_back(numbers.size());
      const auto count = static_cast<int64_t>(cell.persons);
      system.cells.push_back(chance() % 2 == 0 ? CountBounds{}
                                               : CountBounds{count, count});
    }
    AddLinesOf(grid, numbers, system);
    const AuditOutcome outcome = SolveCounts(system);
    EXPECT_TRUE(outcome.contradictions.empty());
    for (size_t i = 0; i < grid.size(); ++i) {
      const auto count = static_cast<int64_t>(exact.cells[i].persons);
      EXPECT_LE(outcome.cells[i].least, count);
      EXPECT_GE(outcome.cells[i].most, count);
    }
  }
}

}  // namespace
}  // namespace comity
