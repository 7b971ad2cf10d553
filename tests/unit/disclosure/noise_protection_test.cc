#include "node/disclosure/noise_protection.h"

#include <cmath>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "node/crypto/hash.h"
#include "node/domain/thousandths.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/disclosure/grid_of.h"

namespace comity {
namespace {

constexpr size_t kMostCodes = 3;

const SecretBytes& Secret() {
  static const auto* secret = new SecretBytes(std::string(32, 's'));
  return *secret;
}

TableQuestion Asked(const std::vector<std::string>& dimensions) {
  return *TableQuestion::Create("2018", dimensions, {});
}

std::optional<NoiseTerms> TermsOf(const std::vector<std::string>& dimensions,
                                  uint32_t epsilon = 500) {
  return NoiseTerms::Of(Asked(dimensions), epsilon, kMostCodes);
}

TEST(NoiseTermsTest, APersonCountsInOneInnerCellAndItsMargins) {
  EXPECT_EQ(TermsOf({})->sensitivity, 1u);
  EXPECT_EQ(TermsOf({"sex"})->sensitivity, 2u);
  EXPECT_EQ(TermsOf({"age_group", "gender", "sex"})->sensitivity, 8u);
}

TEST(NoiseTermsTest, OfAColumnOfSeveralCodesTheCapCounts) {
  EXPECT_EQ(TermsOf({"exploitation"})->sensitivity, 4u);
  EXPECT_EQ(TermsOf({"exploitation", "sex"})->sensitivity, 8u);
  EXPECT_EQ(NoiseTerms::Of(Asked({"exploitation"}), 500, 1)->sensitivity, 2u);
}

TEST(NoiseTermsTest, OpenCodeListsAndOtherMeasuresHaveNone) {
  EXPECT_FALSE(TermsOf({"citizenship", "sex"}).has_value());
  EXPECT_FALSE(TermsOf({"sex"}, 0).has_value());
  const auto referrals =
      TableQuestion::Create("2018", {"decision"}, {}, Measure::kReferrals);
  ASSERT_OK(referrals);
  EXPECT_FALSE(NoiseTerms::Of(*referrals, 500, kMostCodes).has_value());
}

TEST(NoiseTermsTest, TheMethodSaysEpsilonSensitivityAndError) {
  const std::string text = TermsOf({"sex"})->Text();
  EXPECT_EQ(text, "discrete-laplace/v1 epsilon=1/2 sensitivity=2 error95=12");
  EXPECT_EQ(MethodFamily(text), kDiscreteLaplaceMethod);
  EXPECT_EQ(MethodFamily("cell-key/v1"), "cell-key/v1");
  const auto parsed = NoiseTerms::Parse(text);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->Text(), text);
  EXPECT_EQ(parsed->epsilon_thousandths, 500u);
  EXPECT_EQ(parsed->Scale().t, 4u);
  EXPECT_EQ(parsed->Scale().u, 1u);
}

TEST(NoiseTermsTest, EpsilonIsAFractionInLowestTerms) {
  EXPECT_EQ(ThousandthsText(500), "1/2");
  EXPECT_EQ(ThousandthsText(4000), "4");
  EXPECT_EQ(ThousandthsText(125), "1/8");
  EXPECT_EQ(ThousandthsText(333), "333/1000");
  EXPECT_EQ(ThousandthsText(0), "0");
  const LaplaceScale scale = TermsOf({"sex"}, 300)->Scale();
  EXPECT_EQ(std::pair(scale.t, scale.u), std::pair(uint64_t{20}, uint64_t{3}));
}

TEST(NoiseTermsTest, NothingElseIsReadAsTerms) {
  for (const char* text :
       {"", "cell-key/v1", "discrete-laplace/v1",
        "discrete-laplace/v2 epsilon=1/2 sensitivity=2 error95=12",
        "discrete-laplace/v1 epsilon=2/4 sensitivity=2 error95=12",
        "discrete-laplace/v1 epsilon=1/3 sensitivity=2 error95=12",
        "discrete-laplace/v1 epsilon=1/0 sensitivity=2 error95=12",
        "discrete-laplace/v1 epsilon=0 sensitivity=2 error95=12",
        "discrete-laplace/v1 epsilon=1/2 sensitivity=02 error95=12",
        "discrete-laplace/v1 epsilon=1/2 sensitivity=99999999 error95=12",
        "discrete-laplace/v1 epsilon=1/2 sensitivity=2 error95=+12",
        "discrete-laplace/v1 epsilon=1/2 sensitivity=2 error95=12 "}) {
    EXPECT_FALSE(NoiseTerms::Parse(text).has_value()) << text;
  }
}

ExactTable Cells(const std::vector<uint64_t>& persons) {
  ExactTable table{GridOf({persons.size() - 1}), {}};
  for (const uint64_t count : persons) table.cells.push_back({count, 0});
  return table;
}

ProtectedCells Noisy(const std::vector<uint64_t>& persons, uint64_t k,
                     const std::string& question) {
  return ProtectByNoise(Cells(persons), k, {500, 2, 12}, Secret(),
                        Sha256(question));
}

TEST(NoiseProtectionTest, Law8TheSameQuestionHasTheSameNoise) {
  const ProtectedCells first = Noisy({100, 100, 200}, 11, "a");
  EXPECT_EQ(Noisy({100, 100, 200}, 11, "a"), first);
  EXPECT_NE(Noisy({100, 100, 200}, 11, "b"), first);
  // Each cell has its own.
  int equal = 0;
  for (int i = 0; i < 100; ++i) {
    const auto cells = Noisy({100, 100, 200}, 11, absl::StrCat("each", i));
    equal += cells[0] == cells[1] ? 1 : 0;
  }
  EXPECT_LT(equal, 30);
}

TEST(NoiseProtectionTest, AFigureUnderTheThresholdIsHiddenWhateverTheCount) {
  int shown_of_few = 0;
  int hidden_of_many = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto cells = Noisy({3, 14, 17}, 11, absl::StrCat("k", i));
    for (const auto& cell : cells) {
      EXPECT_GE(cell.value_or(11), 11u);
    }
    shown_of_few += cells[0].has_value() ? 1 : 0;
    hidden_of_many += cells[1].has_value() ? 0 : 1;
  }
  EXPECT_GT(shown_of_few, 0);
  EXPECT_GT(hidden_of_many, 0);
}

// The published error holds in the figures themselves.
TEST(NoiseProtectionTest, FiguresLieWithinTheStatedErrorAsOftenAsStated) {
  const NoiseTerms terms = *TermsOf({"sex"});
  int within = 0;
  constexpr int kTables = 4000;
  for (int i = 0; i < kTables; ++i) {
    const auto cells = ProtectByNoise(Cells({1000}), 1, terms, Secret(),
                                      Sha256(absl::StrCat("within", i)));
    const auto off = static_cast<int64_t>(*cells[0]) - 1000;
    within += std::abs(off) <= terms.error95 ? 1 : 0;
  }
  EXPECT_GE(within, kTables * 0.94);
  EXPECT_LE(within, kTables * 0.975);
}

// Membership inference (privacy.md section 6, attack 12): over many questions
// no outcome is more likely with one person more than exp(epsilon) allows. The
// outcome is a whole table: one cell and its total, hidden ones included.
TEST(NoiseProtectionTest, OnePersonChangesNoTableByMoreThanEpsilon) {
  constexpr int kTables = 60000;
  const NoiseTerms terms = *TermsOf({"sex"}, 1000);
  using Outcome = std::pair<int64_t, int64_t>;
  const auto count = [&](uint64_t persons, const std::string& run) {
    std::map<Outcome, int> seen;
    for (int i = 0; i < kTables; ++i) {
      const auto cells = ProtectByNoise(Cells({persons, persons}), 11, terms,
                                        Secret(), Sha256(absl::StrCat(run, i)));
      // In threes, so that each class has many tables.
      const auto coarse = [](const std::optional<uint64_t>& cell) {
        return cell.has_value() ? static_cast<int64_t>(*cell / 3) : -1;
      };
      ++seen[{coarse(cells[0]), coarse(cells[1])}];
    }
    return seen;
  };
  const auto without = count(12, "without");
  const auto with = count(13, "with");
  const double most = std::exp(terms.epsilon_thousandths / 1000.0);
  double largest = 0;
  int judged = 0;
  for (const auto& [outcome, a] : without) {
    const auto found = with.find(outcome);
    const int b = found == with.end() ? 0 : found->second;
    if (std::min(a, b) < 100) continue;
    ++judged;
    const double ratio = std::max(a, b) / static_cast<double>(std::min(a, b));
    // Four standard errors of the ratio of two counts.
    const double error = 4 * ratio * std::sqrt(1.0 / a + 1.0 / b);
    EXPECT_LE(ratio, most + error)
        << outcome.first << " " << outcome.second << " " << a << " " << b;
    largest = std::max(largest, ratio);
  }
  EXPECT_GT(judged, 15);
  // Noise of half the width would fail: the bound is nearly met.
  EXPECT_GT(largest, std::sqrt(most));
}

}  // namespace
}  // namespace comity
