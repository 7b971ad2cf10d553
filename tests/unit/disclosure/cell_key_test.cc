#include "node/disclosure/cell_key.h"

#include <cmath>

#include "node/disclosure/line_guard.h"
#include "node/disclosure/noise_table.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/disclosure/grid_of.h"

namespace comity {
namespace {

const SecretBytes& Secret() {
  static const auto* secret = new SecretBytes(std::string(32, 's'));
  return *secret;
}

ProtectedCells Protect(const ExactTable& exact, uint64_t k = 11,
                       std::vector<std::string> fixed = {}) {
  const auto cells =
      ProtectByCellKey(exact, k, {Secret(), std::move(fixed), "year"},
                       EarlierReleases(exact.cells.size()));
  EXPECT_TRUE(cells.has_value());
  return cells.value_or(ProtectedCells(exact.cells.size()));
}

TEST(CellKeyTest, RecordKeysAreTheFirstEightBytesOfTheHmac) {
  // HMAC-SHA-256 of 16 zero bytes under 32 bytes 's', from another
  // implementation (Python's hmac).
  EXPECT_EQ(RecordKey(Secret(), Uuid()), 12862431279936812419ull);
  EXPECT_EQ(CellKey(Secret(), 1, "sex|year"), 564617409u);
}

TEST(CellKeyTest, NoiseFollowsTheTableExactly) {
  // 40,000 cells of 20 persons each: chi-square over the 17 values of the row.
  std::mt19937_64 chance(20181);
  constexpr int kDraws = 40000;
  std::vector<double> seen(17);
  for (int i = 0; i < kDraws; ++i) {
    const uint32_t key = CellKey(Secret(), chance(), "sex|year");
    ++seen[static_cast<size_t>(NoiseFor(20, key) + kLargestNoise)];
  }
  const NoiseRow& row = NoiseRows().back();
  double chi_square = 0;
  uint64_t before = 0;
  for (size_t i = 0; i < seen.size(); ++i) {
    const double expected =
        kDraws * static_cast<double>(row.bounds[i] - before) / 4294967296.0;
    before = row.bounds[i];
    chi_square += (seen[i] - expected) * (seen[i] - expected) / expected;
  }
  EXPECT_LT(chi_square, 39.25);  // 16 degrees of freedom, p = 0.001
}

TEST(CellKeyTest, ACellShowsTheSameNumberInEveryTable) {
  std::mt19937_64 chance(7);
  const std::vector<uint64_t> inner = {40, 50, 60, 70};
  const TableGrid two(
      {{"age_group", {"0-17", "18+"}}, {"sex", {"female", "male"}}});
  const ExactTable cross = TableOf(two, inner, chance);
  // The margin by sex alone, of the same persons.
  ExactTable sex{TableGrid({{"sex", {"female", "male"}}}),
                 {cross.cells[6], cross.cells[7], cross.cells[8]}};
  const ProtectedCells of_cross = Protect(cross);
  const ProtectedCells of_sex = Protect(sex);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(of_cross[6 + i], of_sex[i]);
  // A filter on age is the same cell as the dimension.
  ExactTable children{TableGrid({{"sex", {"female", "male"}}}),
                      {cross.cells[0], cross.cells[1], cross.cells[2]}};
  const ProtectedCells filtered = Protect(children, 11, {"age_group"});
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(of_cross[i], filtered[i]);
}

TEST(CellKeyTest, ACountUnderTheThresholdIsNeverANumber) {
  std::mt19937_64 chance(11);
  for (uint64_t count = 0; count <= 10; ++count) {
    for (int i = 0; i < 100; ++i) {
      const ExactTable table = TableOf(GridOf({}), std::vector{count}, chance);
      EXPECT_EQ(Protect(table)[0], std::nullopt);
    }
  }
}

// Ten persons of whom each was referred three times are still ten.
TEST(CellKeyTest, ReferralsAreShownOfEnoughPersonsAlone) {
  std::mt19937_64 chance(13);
  for (int i = 0; i < 100; ++i) {
    ExactTable few = TableOf(GridOf({}), std::vector<uint64_t>{10}, chance);
    few.referrals = {30};
    EXPECT_EQ(Protect(few)[0], std::nullopt);
    ExactTable enough = TableOf(GridOf({}), std::vector<uint64_t>{11}, chance);
    enough.referrals = {33};
    ASSERT_TRUE(Protect(enough)[0].has_value());
    EXPECT_NEAR(static_cast<double>(*Protect(enough)[0]), 33, kLargestNoise);
  }
}

// Else two measures of the same persons would show that they are the same.
TEST(CellKeyTest, MeasuresOfTheSamePersonsHaveUnrelatedNoise) {
  std::mt19937_64 chance(14);
  int equal = 0;
  for (int i = 0; i < 2000; ++i) {
    const ExactTable table =
        TableOf(GridOf({}), std::vector<uint64_t>{40}, chance);
    const auto referrals = ProtectByCellKey(
        table, 11, {Secret(), {}, "year/REFERRALS"}, EarlierReleases(1));
    if (Protect(table)[0] == (*referrals)[0]) ++equal;
  }
  // Two draws of the noise meet in 14 of 100 cases.
  EXPECT_NEAR(equal, 282, 60);
}

TEST(CellKeyTest, WhatIsShownIsAtLeastTheThresholdAndNearTheCount) {
  std::mt19937_64 chance(12);
  for (uint64_t count = 11; count <= 40; ++count) {
    for (int i = 0; i < 200; ++i) {
      const ExactTable table = TableOf(GridOf({}), std::vector{count}, chance);
      const auto shown = Protect(table)[0];
      if (!shown.has_value()) continue;
      EXPECT_GE(*shown, 11u);
      EXPECT_LE(
          std::abs(static_cast<double>(*shown) - static_cast<double>(count)),
          kLargestNoise);
    }
  }
}

// If they had equal noise, equality would prove that all other parts are zero.
TEST(CellKeyTest, ATotalThatEqualsItsOnlyPartDoesNotGiveItselfAway) {
  std::mt19937_64 chance(13);
  const auto equal_rate = [&chance](uint64_t other) {
    constexpr int kTrials = 6000;
    int equal = 0;
    for (int i = 0; i < kTrials; ++i) {
      const ExactTable table =
          TableOf(GridOf({2}), std::vector<uint64_t>{30, other}, chance);
      const auto noisy = [&table](size_t cell) {
        const ExactCount& count = table.cells[cell];
        return static_cast<int64_t>(count.persons) +
               NoiseFor(count.persons, NoiseKey(table.grid, cell, count.key_sum,
                                                {Secret(), {}, "year"}));
      };
      if (noisy(0) == noisy(2)) ++equal;
    }
    return static_cast<double>(equal) / kTrials;
  };
  EXPECT_NEAR(equal_rate(0), equal_rate(1), 0.02);
}

TEST(CellKeyTest, AnEarlierHiddenCellStaysHiddenAndAShownOneShown) {
  std::mt19937_64 chance(14);
  const ExactTable table =
      TableOf(GridOf({3}), std::vector<uint64_t>{50, 60, 70}, chance);
  EarlierReleases earlier(4);
  earlier[0] = EarlierRelease::kHidden;
  earlier[1] = EarlierRelease::kShown;
  const auto cells =
      ProtectByCellKey(table, 11, {Secret(), {}, "year"}, earlier);
  ASSERT_TRUE(cells.has_value());
  EXPECT_FALSE((*cells)[0].has_value());
  EXPECT_TRUE((*cells)[1].has_value());
  EXPECT_FALSE((*cells)[2].has_value());  // guards the hidden one
  // If both others are public, only the total can guard it, or nothing.
  earlier[2] = EarlierRelease::kShown;
  EXPECT_FALSE(
      (*ProtectByCellKey(table, 11, {Secret(), {}, "year"}, earlier))[3]
          .has_value());
  earlier[3] = EarlierRelease::kShown;
  EXPECT_EQ(ProtectByCellKey(table, 11, {Secret(), {}, "year"}, earlier),
            std::nullopt);
}

TEST(LineGuardTest, NoLineOfAThousandRandomTablesHasOneHiddenCell) {
  std::mt19937_64 chance(15);
  const std::vector<std::vector<size_t>> shapes = {{6}, {4, 5}, {3, 4, 3}};
  for (int trial = 0; trial < 1000; ++trial) {
    const TableGrid grid = GridOf(shapes[static_cast<size_t>(trial) % 3]);
    std::vector<uint64_t> inner;
    for (size_t i = 0; i < grid.size(); ++i) inner.push_back(chance() % 40);
    const ProtectedCells cells = Protect(TableOf(grid, inner, chance));
    for (size_t axis = 0; axis < grid.axes().size(); ++axis) {
      for (size_t cell = 0; cell < grid.size(); ++cell) {
        if (!grid.IsTotal(cell, axis)) continue;
        int hidden = 0;
        for (const size_t at : grid.LineTo(cell, axis)) hidden += !cells[at];
        EXPECT_NE(hidden, 1);
      }
    }
  }
}

TEST(LineGuardTest, TheSmallestShownPartIsHiddenThenTheLowerKey) {
  ProtectedCells cells = {std::nullopt, 30, 20, 20, 81};
  EXPECT_TRUE(
      GuardLines(GridOf({4}), {0, 1, 9, 2, 0}, EarlierReleases(5), cells));
  EXPECT_EQ(cells, (ProtectedCells{std::nullopt, 30, 20, std::nullopt, 81}));
}

TEST(LineGuardTest, AnOpenDimensionHasHiddenCellsThatAreNotListed) {
  const TableGrid grid({{"citizenship", {"NE", "NG"}, true}});
  ProtectedCells cells = {std::nullopt, 30, 41};
  EXPECT_TRUE(GuardLines(grid, {0, 0, 0}, EarlierReleases(3), cells));
  EXPECT_TRUE(cells[1].has_value());
}

}  // namespace
}  // namespace comity
