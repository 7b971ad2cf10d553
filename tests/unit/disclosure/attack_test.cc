#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "node/disclosure/cell_key.h"
#include "node/disclosure/noise_table.h"
#include "node/disclosure/table_audit.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/disclosure/grid_of.h"

namespace comity {
namespace {

// What somebody can get out of protected tables who asks everything he may, and
// how much that is at most. Seeds are fixed; each bound is stated in its test.

const SecretBytes& Secret() {
  static const auto* secret = new SecretBytes(std::string(32, 'a'));
  return *secret;
}

// A population: a record key for each person.
using Persons = std::vector<uint64_t>;

Persons Draw(size_t count, std::mt19937_64& chance) {
  Persons persons(count);
  for (uint64_t& key : persons) key = chance();
  return persons;
}

ExactCount CountOf(const Persons& persons) {
  return {persons.size(),
          std::accumulate(persons.begin(), persons.end(), uint64_t{0})};
}

std::optional<uint64_t> FigureBy(const Persons& persons,
                                 const std::vector<std::string>& fixed) {
  const ExactTable table{TableGrid({}), {CountOf(persons)}};
  return (*ProtectByCellKey(table, 11, {Secret(), fixed, "year"},
                            EarlierReleases(1)))[0];
}

std::optional<uint64_t> Figure(const Persons& persons,
                               const std::string& column) {
  if (column.empty()) return FigureBy(persons, {});
  return FigureBy(persons, {column});
}

// The mean of what was told of the same persons by each of these sets of
// columns, less how many they are.
double ErrorOfMean(const Persons& persons,
                   const std::vector<std::vector<std::string>>& asked) {
  double sum = 0;
  for (const auto& columns : asked) {
    sum += static_cast<double>(FigureBy(persons, columns).value_or(0));
  }
  return sum / static_cast<double>(asked.size()) -
         static_cast<double>(persons.size());
}

TEST(AttackTest, TenThousandRepeatsGiveOneAnswer) {
  std::mt19937_64 chance(1);
  const Persons persons = Draw(40, chance);
  const auto first = Figure(persons, "sex");
  for (int i = 0; i < 10000; ++i) EXPECT_EQ(Figure(persons, "sex"), first);
}

// The same persons by twelve columns that all say the same: the average errs
// hardly less than one figure, whose error has variance 4. Were the noise
// redrawn for each column, a third of one would be left.
TEST(AttackTest, ColumnsThatMeanTheSameDoNotAverageTheNoiseAway) {
  std::mt19937_64 chance(8);
  std::vector<std::vector<std::string>> asked;
  for (int i = 0; i < 12; ++i) asked.push_back({absl::StrCat("column", i)});
  constexpr int kTrials = 4000;
  double squares = 0;
  for (int i = 0; i < kTrials; ++i) {
    const double error = ErrorOfMean(Draw(40, chance), asked);
    squares += error * error;
  }
  EXPECT_GE(squares / kTrials, 2.5);
}

// One table by three such columns, weighed as well as can be: by how many
// columns a figure is.
TEST(AttackTest, ATableByThreeColumnsThatMeanTheSameLeavesAnError) {
  std::mt19937_64 chance(9);
  constexpr int kTrials = 4000;
  double squares = 0;
  for (int i = 0; i < kTrials; ++i) {
    const Persons persons = Draw(20 + chance() % 10, chance);
    const double error =
        (ErrorOfMean(persons, {{"gender"}, {"sex"}, {"status"}}) +
         ErrorOfMean(
             persons,
             {{"gender", "sex"}, {"gender", "status"}, {"sex", "status"}}) +
         ErrorOfMean(persons, {{"gender", "sex", "status"}})) /
        3;
    squares += error * error;
  }
  EXPECT_GE(squares / kTrials, 1.0);
}

// Else whoever has both would see where one person's sex is not her gender.
TEST(AttackTest, FiguresOfTheSamePersonsByTwoColumnsAreSeldomEqual) {
  std::mt19937_64 chance(10);
  constexpr int kTrials = 4000;
  int equal = 0;
  for (int i = 0; i < kTrials; ++i) {
    const Persons persons = Draw(40, chance);
    if (Figure(persons, "sex") == Figure(persons, "gender")) ++equal;
  }
  EXPECT_LT(equal, kTrials * 34 / 100);
  EXPECT_GT(equal, kTrials * 22 / 100);
}

// A table of one person more, less the table without her.
TEST(AttackTest, ADifferenceShowsTheTrueOneInAtMostAFifthOfCases) {
  std::mt19937_64 chance(2);
  constexpr int kTrials = 5000;
  int right = 0;
  for (int i = 0; i < kTrials; ++i) {
    Persons persons = Draw(30 + chance() % 40, chance);
    const auto with = Figure(persons, "sex");
    persons.pop_back();
    const auto without = Figure(persons, "sex");
    if (with && without && *with == *without + 1) ++right;
  }
  EXPECT_LE(right, kTrials / 5);
}

// Of two differences, one by one person and one by two: the chance to name the
// larger is at most 0.60, ties counted half (the area under the curve).
TEST(AttackTest, ADifferenceHardlyTellsOnePersonFromTwo) {
  std::mt19937_64 chance(3);
  constexpr int kTrials = 5000;
  const auto differences = [&chance](size_t removed) {
    std::vector<int64_t> seen;
    for (int i = 0; i < kTrials; ++i) {
      Persons persons = Draw(40 + chance() % 40, chance);
      const auto with = Figure(persons, "sex");
      persons.resize(persons.size() - removed);
      const auto without = Figure(persons, "sex");
      seen.push_back(static_cast<int64_t>(*with) -
                     static_cast<int64_t>(*without));
    }
    std::sort(seen.begin(), seen.end());
    return seen;
  };
  const auto one = differences(1);
  double area = 0;
  for (const int64_t two : differences(2)) {
    const auto [low, high] = std::equal_range(one.begin(), one.end(), two);
    area += static_cast<double>(low - one.begin()) +
            static_cast<double>(high - low) / 2;
  }
  area /= static_cast<double>(kTrials) * kTrials;
  EXPECT_LE(area, 0.60);
  EXPECT_GE(area, 0.50);
}

// A total less all other parts, where the guard is left out: what it is for.
TEST(AttackTest, ATrackerHitsTheTrueCountInAtMostAFifthOfCases) {
  std::mt19937_64 chance(4);
  constexpr int kTrials = 5000;
  int right = 0;
  for (int i = 0; i < kTrials; ++i) {
    const Persons target = Draw(chance() % 11, chance);
    const Persons others = Draw(40, chance);
    Persons all = others;
    all.insert(all.end(), target.begin(), target.end());
    const auto total = Figure(all, "");
    const auto rest = Figure(others, "status");
    if (*total - *rest == target.size()) ++right;
  }
  EXPECT_LE(right, kTrials / 5);
}

// The year and its parts, were they asked for, have independent noise.
TEST(AttackTest, NoiseOfAnotherKindOfPeriodIsIndependent) {
  std::mt19937_64 chance(5);
  constexpr int kTrials = 2000;
  double sum_a = 0, sum_b = 0, sum_aa = 0, sum_bb = 0, sum_ab = 0;
  for (int i = 0; i < kTrials; ++i) {
    const uint64_t key_sum = chance();
    const double a = NoiseFor(50, CellKey(Secret(), key_sum, "sex|year"));
    const double b = NoiseFor(50, CellKey(Secret(), key_sum, "sex|quarter"));
    sum_a += a;
    sum_b += b;
    sum_aa += a * a;
    sum_bb += b * b;
    sum_ab += a * b;
  }
  const double covariance =
      sum_ab / kTrials - sum_a * sum_b / kTrials / kTrials;
  const double variance_a =
      sum_aa / kTrials - sum_a * sum_a / kTrials / kTrials;
  const double variance_b =
      sum_bb / kTrials - sum_b * sum_b / kTrials / kTrials;
  EXPECT_LT(std::abs(covariance) / std::sqrt(variance_a * variance_b), 0.05);
}

// A part of nobody and a part of one to ten change nothing but margins, and
// those by noise alone.
TEST(AttackTest, NobodyAndFewLookAlike) {
  std::mt19937_64 chance(6);
  const TableGrid grid = GridOf({3, 2});
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<uint64_t> inner = {60, 0, 50, 70, 0, 40};
    std::mt19937_64 same(static_cast<uint64_t>(trial));
    const ExactTable nobody = TableOf(grid, inner, same);
    inner[1] = 1 + chance() % 10;
    std::mt19937_64 again(static_cast<uint64_t>(trial));
    const ExactTable few = TableOf(grid, inner, again);
    for (const ExactTable* table : {&nobody, &few}) {
      const auto cells = ProtectByCellKey(*table, 11, {Secret(), {}, "year"},
                                          EarlierReleases(grid.size()));
      EXPECT_FALSE((*cells)[1].has_value());
      EXPECT_FALSE((*cells)[6].has_value());
    }
  }
}

// With the stated error as the only uncertainty, the auditor learns no hidden
// count of a protected release of the real figures (Albania 2017).
TEST(AttackTest, MarginsOfAProtectedReleaseUncoverNothing) {
  std::mt19937_64 chance(7);
  const TableGrid grid = GridOf({2, 2});
  for (int trial = 0; trial < 500; ++trial) {
    const ExactTable exact =
        TableOf(grid, std::vector<uint64_t>{36, 31, 24, 4}, chance);
    const auto cells = ProtectByCellKey(exact, 11, {Secret(), {}, "year"},
                                        EarlierReleases(grid.size()));
    CountSystem system;
    std::vector<size_t> numbers;
    for (const auto& cell : *cells) {
      numbers.push_back(system.cells.size());
      const auto figure = static_cast<int64_t>(cell.value_or(0));
      system.cells.push_back(
          cell ? CountBounds{std::max<int64_t>(0, figure - kLargestNoise),
                             figure + kLargestNoise}
               : CountBounds{});
    }
    AddLinesOf(grid, numbers, system);
    const AuditOutcome known = SolveCounts(system);
    EXPECT_TRUE(known.contradictions.empty());
    for (size_t cell = 0; cell < grid.size(); ++cell) {
      EXPECT_FALSE(known.Uncovers(system, cell));
      EXPECT_LE(known.cells[cell].least,
                static_cast<int64_t>(exact.cells[cell].persons));
    }
  }
}

}  // namespace
}  // namespace comity
