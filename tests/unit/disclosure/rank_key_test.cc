#include "node/disclosure/rank_key.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include "node/disclosure/noise_table.h"
#include "node/disclosure/table_audit.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/disclosure/grid_of.h"

namespace comity {
namespace {

constexpr uint64_t kThreshold = 11;
constexpr uint32_t kMedian = 50;
constexpr uint32_t kNineOfTen = 90;

const SecretBytes& Secret() {
  static const auto* secret = new SecretBytes(std::string(32, 'r'));
  return *secret;
}

CellKeying Keying() { return {Secret(), {}, "year/MEDIAN_ACCEPTANCE_DAYS"}; }

// One cell of persons with these days, whose record keys `chance` draws.
std::optional<uint64_t> Quantile(std::vector<uint32_t> days,
                                 std::mt19937_64& chance,
                                 uint32_t percent = kMedian) {
  std::sort(days.begin(), days.end());
  const ExactTable persons{TableGrid({}), {{days.size(), chance()}}};
  const auto cells = ProtectByRankKey({persons, {days}}, percent, kThreshold,
                                      Keying(), EarlierReleases(1));
  return (*cells)[0];
}

std::vector<uint32_t> UpTo(uint32_t last) {
  std::vector<uint32_t> days(last);
  std::iota(days.begin(), days.end(), 1);
  return days;
}

// Definition 1 of Hyndman and Fan: the smallest number that at least so many of
// a hundred do not exceed.
TEST(RankKeyTest, AQuantileIsTheNearestRank) {
  for (const auto& [n, median] : std::vector<std::pair<uint64_t, uint64_t>>{
           {1, 1}, {2, 1}, {3, 2}, {11, 6}, {12, 6}, {41, 21}}) {
    EXPECT_EQ(NearestRank(n, kMedian), median) << n;
  }
  for (const auto& [n, rank] : std::vector<std::pair<uint64_t, uint64_t>>{
           {1, 1}, {10, 9}, {11, 10}, {50, 45}, {51, 46}, {100, 90}}) {
    EXPECT_EQ(NearestRank(n, kNineOfTen), rank) << n;
  }
}

TEST(RankKeyTest, AQuantileFurtherOutNeedsMorePersons) {
  EXPECT_EQ(FewestPersons(kMedian, 11), 11u);
  EXPECT_EQ(FewestPersons(kMedian, 20), 20u);
  EXPECT_EQ(FewestPersons(kNineOfTen, 11), 50u);
  EXPECT_EQ(FewestPersons(kNineOfTen, 20), 90u);
}

TEST(RankKeyTest, DaysAreRoundedUpToSteps) {
  for (const auto& [days, step] :
       std::vector<std::pair<uint32_t, uint64_t>>{{0, 0},
                                                  {7, 7},
                                                  {8, 10},
                                                  {11, 14},
                                                  {14, 14},
                                                  {15, 21},
                                                  {300, 365},
                                                  {365, 365},
                                                  {366, 730}}) {
    EXPECT_EQ(RoundedUp(days), step) << days;
  }
}

TEST(RankKeyTest, TheNumberOfSomebodyNearTheQuantileIsTold) {
  std::mt19937_64 chance(1);
  std::set<uint64_t> told;
  for (int i = 0; i < 500; ++i) {
    const auto figure = Quantile(UpTo(40), chance);
    ASSERT_TRUE(figure.has_value());  // 40 less the most noise is over 11
    // The median of 1 to 40 is 20; the key moves it by 8 at most.
    EXPECT_GE(*figure, RoundedUp(20 - kLargestNoise));
    EXPECT_LE(*figure, RoundedUp(20 + kLargestNoise));
    told.insert(*figure);
  }
  EXPECT_GE(told.size(), 2u);
}

// Of eleven persons the noise would often reach the ends.
TEST(RankKeyTest, NobodyAtTheEndsIsEverTold) {
  std::mt19937_64 chance(2);
  int shown = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto figure =
        Quantile({0, 0, 0, 40, 40, 40, 40, 40, 3000, 3000, 3000}, chance);
    if (!figure.has_value()) continue;
    ++shown;
    EXPECT_EQ(*figure, 45u);
  }
  EXPECT_GT(shown, 300);
}

TEST(RankKeyTest, FewPersonsHaveNoFigureWhateverTheirDays) {
  std::mt19937_64 chance(3);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(Quantile(UpTo(10), chance), std::nullopt);
    EXPECT_EQ(Quantile(std::vector<uint32_t>(10, 5), chance), std::nullopt);
    EXPECT_EQ(Quantile(UpTo(49), chance, kNineOfTen), std::nullopt);
  }
}

TEST(RankKeyTest, WhetherThereIsAFigureDependsOnNoDuration) {
  std::mt19937_64 one(4);
  std::mt19937_64 other(4);  // the same record keys
  for (uint32_t n = 8; n < 30; ++n) {
    EXPECT_EQ(Quantile(UpTo(n), one).has_value(),
              Quantile(std::vector<uint32_t>(n, 900), other).has_value());
  }
}

// The same persons, the same figure: repeats average nothing out.
TEST(RankKeyTest, TheSamePersonsHaveOneFigure) {
  std::mt19937_64 chance(5);
  const auto first = Quantile(UpTo(60), chance);
  for (int i = 0; i < 100; ++i) {
    std::mt19937_64 again(5);
    EXPECT_EQ(Quantile(UpTo(60), again), first);
  }
}

// Two revisions, one person more in the second. The worst there is: twenty
// persons of a day and twenty of sixty, so that the exact median moves with the
// one who came and shows for certain on which side she is. By keys who guesses
// by it is right in at most 63 of 100 cases (60 is what the noise gives).
TEST(RankKeyTest, ADifferenceOfMediansHardlyTellsWhoCame) {
  std::mt19937_64 chance(6);
  constexpr int kTrials = 5000;
  std::vector<uint32_t> before(20, 1);
  before.insert(before.end(), 20, 60);
  int right = 0;
  for (int i = 0; i < kTrials; ++i) {
    std::vector<uint32_t> after = before;
    const bool slow = chance() % 2 == 0;
    after.push_back(slow ? 3000 : 0);
    const auto figure = Quantile(after, chance);
    ASSERT_TRUE(figure.has_value());
    if ((*figure == 60) == slow) ++right;
  }
  EXPECT_LE(right, kTrials * 63 / 100);
  EXPECT_GE(right, kTrials * 50 / 100);
}

// What is known of a count whose figure and method are public.
CountBounds BoundsOf(const std::optional<uint64_t>& figure) {
  if (!figure.has_value()) return {};
  const auto value = static_cast<int64_t>(*figure);
  return {std::max<int64_t>(0, value - kLargestNoise), value + kLargestNoise};
}

// Counts and medians of the same persons, in tables whose small cells are
// hidden. A median that is shown says that its cell has eleven persons.
TEST(RankKeyTest, MediansBesideCountsSolveNoHiddenCell) {
  std::mt19937_64 chance(7);
  size_t hidden = 0;
  for (int i = 0; i < 300; ++i) {
    std::vector<uint64_t> inner;
    for (int cell = 0; cell < 12; ++cell) {
      inner.push_back(chance() % 3 == 0 ? chance() % 11 : 11 + chance() % 30);
    }
    const ExactTable persons = TableOf(GridOf({3, 4}), inner, chance);
    ExactDurations exact{persons, {}};
    for (const ExactCount& count : persons.cells) {
      exact.days.push_back(UpTo(static_cast<uint32_t>(count.persons)));
    }
    const EarlierReleases never(persons.cells.size());
    const auto counts = ProtectByCellKey(
        persons, kThreshold, {Secret(), {}, "year/REFERRALS"}, never);
    const auto medians =
        ProtectByRankKey(exact, kMedian, kThreshold, Keying(), never);
    ASSERT_TRUE(counts.has_value() && medians.has_value());
    CountSystem known;
    std::vector<size_t> numbers;
    for (size_t cell = 0; cell < counts->size(); ++cell) {
      known.cells.push_back(BoundsOf((*counts)[cell]));
      numbers.push_back(cell);
      if (!(*medians)[cell].has_value()) continue;
      known.cells.back().least =
          std::max<int64_t>(known.cells.back().least, kThreshold);
    }
    AddLinesOf(persons.grid, numbers, known);
    const AuditOutcome solved = SolveCounts(known);
    EXPECT_TRUE(solved.contradictions.empty());
    for (size_t cell = 0; cell < counts->size(); ++cell) {
      if ((*counts)[cell].has_value()) continue;
      ++hidden;
      EXPECT_FALSE(solved.Uncovers(known, cell));
    }
  }
  EXPECT_GT(hidden, 1000u);
}

}  // namespace
}  // namespace comity
