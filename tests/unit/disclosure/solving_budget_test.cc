#include "node/disclosure/solving_budget.h"

#include <random>

#include "node/disclosure/table_audit.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/disclosure/grid_of.h"

namespace comity {
namespace {

TEST(SolvingBudgetTest, WhatIsSpentIsGone) {
  SolvingBudget budget(2);
  budget.Spend(1);
  EXPECT_EQ(budget.PivotsLeft(), 2);
  budget.SpendPivots(1);
  EXPECT_EQ(budget.PivotsLeft(), 1);
  EXPECT_FALSE(budget.IsSpent());
  budget.Spend(SolvingBudget::kStepsOfPivot - 1);
  EXPECT_TRUE(budget.IsSpent());
  EXPECT_EQ(budget.PivotsLeft(), 0);
  // More than there was leaves no debt and gives nothing back.
  budget.SpendPivots(SolvingBudget::kMostPivots);
  EXPECT_TRUE(budget.IsSpent());
  EXPECT_FALSE(budget.WasCancelled());
}

TEST(SolvingBudgetTest, NothingIsLeftOnceNobodyWaits) {
  int asked = 0;
  SolvingBudget budget(1000, [&asked] { return ++asked == 2; });
  budget.SpendPivots(99);
  EXPECT_EQ(asked, 0);
  budget.SpendPivots(1);
  EXPECT_EQ(asked, 1);
  EXPECT_FALSE(budget.IsSpent());
  budget.SpendPivots(100);
  EXPECT_TRUE(budget.IsSpent());
  EXPECT_TRUE(budget.WasCancelled());
}

// A table of three dimensions of which no inner cell is shown.
struct HiddenInside {
  ExactTable exact;
  CountSystem system;

  HiddenInside() : exact(Table()) {
    std::vector<size_t> numbers;
    for (size_t cell = 0; cell < exact.grid.size(); ++cell) {
      bool is_inner = true;
      for (size_t axis = 0; axis < 3; ++axis) {
        is_inner = is_inner && !exact.grid.IsTotal(cell, axis);
      }
      const auto count = static_cast<int64_t>(exact.cells[cell].persons);
      numbers.push_back(cell);
      system.cells.push_back(is_inner ? CountBounds{}
                                      : CountBounds{count, count});
    }
    AddLinesOf(exact.grid, numbers, system);
  }

  static ExactTable Table() {
    std::mt19937_64 chance(7);
    const TableGrid grid = GridOf({6, 5, 4});
    std::vector<uint64_t> inner;
    for (size_t i = 0; i < grid.size(); ++i) inner.push_back(chance() % 9);
    return TableOf(grid, inner, chance);
  }
};

// Whatever is left undone, nothing false is said, and it is said that it is
// left undone.
TEST(SolvingBudgetTest, BoundsHoldWhereverTheWorkEnds) {
  const HiddenInside table;
  SolvingBudget all;
  ASSERT_TRUE(SolveCounts(table.system, all).complete);
  const auto needed =
      SolvingBudget::kMostPivots - static_cast<uint64_t>(all.PivotsLeft());
  ASSERT_GT(needed, 20u);
  for (uint64_t pivots = 0; pivots < needed; pivots += needed / 20) {
    SolvingBudget budget(pivots);
    const AuditOutcome outcome = SolveCounts(table.system, budget);
    EXPECT_TRUE(budget.IsSpent()) << pivots;
    EXPECT_FALSE(outcome.complete) << pivots;
    EXPECT_TRUE(outcome.contradictions.empty()) << pivots;
    for (size_t cell = 0; cell < table.exact.grid.size(); ++cell) {
      const auto count = static_cast<int64_t>(table.exact.cells[cell].persons);
      EXPECT_LE(outcome.cells[cell].least, count) << pivots;
      EXPECT_GE(outcome.cells[cell].most, count) << pivots;
    }
  }
}

// What is counted is work, so that it is the same each time.
TEST(SolvingBudgetTest, TheSameSystemCostsTheSame) {
  const HiddenInside table;
  SolvingBudget first;
  SolvingBudget second;
  SolveCounts(table.system, first);
  SolveCounts(table.system, second);
  EXPECT_EQ(first.PivotsLeft(), second.PivotsLeft());
}

}  // namespace
}  // namespace comity
