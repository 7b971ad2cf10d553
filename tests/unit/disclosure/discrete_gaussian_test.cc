#include "node/disclosure/discrete_gaussian.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/crypto/hash.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

SeededBits Bits(const std::string& name) {
  return SeededBits(SecretBytes(Sha256(name)));
}

std::vector<int64_t> FirstSix(const std::string& name, GaussWidth width) {
  std::vector<int64_t> drawn;
  for (char i = 0; i < 6; ++i) {
    SeededBits bits = Bits(name + i);
    drawn.push_back(DrawGaussian(bits, width));
  }
  return drawn;
}

// Draws from one stream after the other, as cells do.
std::map<int64_t, int> Draws(GaussWidth width, int count) {
  std::map<int64_t, int> seen;
  for (int i = 0; i < count; ++i) {
    SeededBits bits = Bits(absl::StrCat("fit", width.a, "/", width.b, "/", i));
    ++seen[DrawGaussian(bits, width)];
  }
  return seen;
}

double WeightOf(int64_t x, GaussWidth width) {
  const auto square = static_cast<double>(x * x);
  return std::exp(-square * static_cast<double>(width.b) /
                  (2 * static_cast<double>(width.a)));
}

// The probability of each x that has any.
std::map<int64_t, double> Probabilities(GaussWidth width) {
  constexpr int64_t kFar = 400;
  std::map<int64_t, double> of;
  double all = 0;
  for (int64_t x = -kFar; x <= kFar; ++x) all += of[x] = WeightOf(x, width);
  for (auto& [x, probability] : of) probability /= all;
  return of;
}

TEST(DiscreteGaussianTest, DrawsWhatAnotherImplementationDraws) {
  // From a Python program after the paper, with the same bits.
  EXPECT_EQ(FirstSix("gauss s2=16", {16, 1}),
            (std::vector<int64_t>{5, 2, 3, 0, 8, -5}));
  EXPECT_EQ(FirstSix("gauss s2=5/2", {5, 2}),
            (std::vector<int64_t>{0, 0, 1, -1, 1, -1}));
}

// Goodness of fit at four widths, fractions among them; the tails are one class
// each. The limits are those of p = 0.001.
TEST(DiscreteGaussianTest, DrawsHaveTheStatedDistribution) {
  constexpr int kDraws = 40000;
  struct Fit {
    GaussWidth width;
    int64_t end;
    double limit;
  };
  for (const Fit& fit : {Fit{{16, 1}, 13, 54.05}, Fit{{5, 2}, 5, 29.59},
                         Fit{{1, 3}, 2, 18.47}, Fit{{332, 1}, 45, 137.21}}) {
    std::map<int64_t, double> observed;
    std::map<int64_t, double> expected;
    for (const auto& [x, probability] : Probabilities(fit.width)) {
      expected[std::clamp(x, -fit.end, fit.end)] += kDraws * probability;
    }
    for (const auto& [x, count] : Draws(fit.width, kDraws)) {
      observed[std::clamp(x, -fit.end, fit.end)] += count;
    }
    double chi_square = 0;
    for (const auto& [x, many] : expected) {
      chi_square += (observed[x] - many) * (observed[x] - many) / many;
    }
    EXPECT_LT(chi_square, fit.limit) << fit.width.a << "/" << fit.width.b;
  }
}

TEST(DiscreteGaussianTest, TheStatedVarianceAndErrorAreThoseOfTheDraws) {
  constexpr int kDraws = 20000;
  const GaussWidth width{16, 1};
  const int64_t bound = width.Within95();
  int within = 0;
  int within_less = 0;
  double squares = 0;
  for (const auto& [x, count] : Draws(width, kDraws)) {
    squares += static_cast<double>(x * x) * count;
    if (std::abs(x) <= bound) within += count;
    if (std::abs(x) < bound) within_less += count;
  }
  EXPECT_GE(within, kDraws * 0.945);
  EXPECT_LT(within_less, kDraws * 0.95);
  EXPECT_NEAR(squares / kDraws, width.Variance(), 0.05 * width.Variance());
}

// Widths that are small enough to add the few weights up by hand.
TEST(DiscreteGaussianTest, SmallWidthsAreExact) {
  // sigma^2 = 1/20: all but 2 exp(-10) of it is zero.
  EXPECT_EQ((GaussWidth{1, 20}).Within95(), 0u);
  EXPECT_NEAR((GaussWidth{1, 20}).Variance(), 2 * std::exp(-10.0), 1e-7);
  // sigma^2 = 1: 0.399 at zero, 0.242 at one, 0.054 at two.
  EXPECT_EQ((GaussWidth{1, 1}).Within95(), 2u);
  // sigma^2 = 16, and wide ones: some 1.96 deviations.
  EXPECT_NEAR((GaussWidth{16, 1}).Variance(), 16, 1e-6);
  EXPECT_EQ((GaussWidth{1U << 20, 1}).Within95(), 2007u);
}

TEST(DiscreteGaussianTest, TheStatedErrorIsTheSmallestThatHolds) {
  for (const GaussWidth width : {GaussWidth{1, 3}, GaussWidth{5, 2},
                                 GaussWidth{16, 1}, GaussWidth{332, 1}}) {
    const auto of = Probabilities(width);
    double outside = 1 - of.at(0);
    uint32_t least = 0;
    while (outside > 0.05) {
      ++least;
      outside -= 2 * of.at(least);
    }
    EXPECT_EQ(width.Within95(), least) << width.a << "/" << width.b;
  }
}

// The largest numbers that are allowed, at which a sampler of 64 bits alone
// would go over.
TEST(DiscreteGaussianTest, TheWidestAndNarrowestStayExact) {
  constexpr uint64_t kMost = 1U << 20;
  for (const GaussWidth width : {GaussWidth{kMost, 1}, GaussWidth{kMost, kMost},
                                 GaussWidth{kMost - 1, kMost}}) {
    SeededBits bits = Bits(absl::StrCat("end", width.a, "/", width.b));
    constexpr int kDraws = 500;
    double squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const auto drawn = static_cast<double>(DrawGaussian(bits, width));
      squares += drawn * drawn;
    }
    // Four deviations of a mean of so many squares.
    const double variance = width.Variance();
    EXPECT_NEAR(squares / kDraws, variance,
                4 * variance * std::sqrt(2.0 / kDraws));
  }
  SeededBits bits = Bits("narrow");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(DrawGaussian(bits, {1, kMost}), 0);
  }
}

}  // namespace
}  // namespace comity
