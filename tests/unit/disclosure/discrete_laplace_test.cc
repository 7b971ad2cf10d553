#include "node/disclosure/discrete_laplace.h"

#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/crypto/hash.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

SeededBits Bits(const std::string& name) {
  return SeededBits(SecretBytes(Sha256(name)));
}

// Draws from one stream after the other, as cells do.
std::map<int64_t, int> Draws(const std::string& name, LaplaceScale scale,
                             int count) {
  std::map<int64_t, int> seen;
  for (int i = 0; i < count; ++i) {
    SeededBits bits = Bits(absl::StrCat(name, i));
    ++seen[DrawLaplace(bits, scale)];
  }
  return seen;
}

double ProbabilityOf(int64_t x, LaplaceScale scale) {
  const double q =
      std::exp(-static_cast<double>(scale.u) / static_cast<double>(scale.t));
  return (1 - q) / (1 + q) * std::pow(q, static_cast<double>(std::abs(x)));
}

TEST(DiscreteLaplaceTest, DrawsWhatAnotherImplementationDraws) {
  // From a Python program after the paper, with the same bits.
  const std::string name = "laplace eps=0.5 (t=2)";
  std::vector<int64_t> drawn;
  for (char i = 0; i < 6; ++i) {
    SeededBits bits = Bits(name + i);
    drawn.push_back(DrawLaplace(bits, {2, 1}));
  }
  EXPECT_EQ(drawn, (std::vector<int64_t>{-8, 4, -1, 1, 2, -1}));
}

TEST(DiscreteLaplaceTest, BitsAreThoseOfTheHmacBlocks) {
  const std::string seed(32, 's');
  std::string expected;
  for (char block = 0; block < 3; ++block) {
    expected += HmacSha256(seed, std::string(7, '\0') + block);
  }
  SeededBits bits{SecretBytes(seed)};
  for (const char byte : expected) {
    EXPECT_EQ(bits.Below(256), static_cast<unsigned char>(byte));
  }
}

TEST(DiscreteLaplaceTest, BelowOneTakesNoBits) {
  SeededBits one = Bits("bits");
  SeededBits other = Bits("bits");
  EXPECT_EQ(one.Below(1), 0u);
  EXPECT_EQ(one.Below(1u << 20), other.Below(1u << 20));
}

TEST(DiscreteLaplaceTest, UniformNumbersAreUniform) {
  SeededBits bits = Bits("uniform");
  std::array<int, 10> seen{};
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) ++seen.at(bits.Below(seen.size()));
  double chi_square = 0;
  for (const int count : seen) {
    const double off = count - kDraws / 10.0;
    chi_square += off * off / (kDraws / 10.0);
  }
  EXPECT_LT(chi_square, 27.88);  // 9 degrees of freedom, p = 0.001
}

TEST(DiscreteLaplaceTest, ExponentialCoinsFallAsOftenAsTheyShould) {
  constexpr int kDraws = 20000;
  for (const auto& [above, below] :
       {std::pair(0, 1), std::pair(1, 3), std::pair(1, 1), std::pair(7, 4)}) {
    SeededBits bits = Bits(absl::StrCat("coin", above, "/", below));
    int hits = 0;
    for (int i = 0; i < kDraws; ++i) {
      hits += DrawExp(bits, static_cast<uint64_t>(above),
                      static_cast<uint64_t>(below))
                  ? 1
                  : 0;
    }
    const double p = std::exp(-static_cast<double>(above) / below);
    const double deviation = std::sqrt(kDraws * p * (1 - p));
    EXPECT_NEAR(hits, kDraws * p, 4 * deviation) << above << "/" << below;
  }
}

// Goodness of fit at three scales, a fraction among them. The tails are one
// class each.
TEST(DiscreteLaplaceTest, DrawsHaveTheStatedDistribution) {
  constexpr int kDraws = 40000;
  constexpr int64_t kEnd = 8;
  for (const LaplaceScale scale :
       {LaplaceScale{2, 1}, LaplaceScale{8, 1}, LaplaceScale{5, 3}}) {
    const auto seen = Draws(absl::StrCat("fit", scale.t), scale, kDraws);
    std::map<int64_t, double> observed;
    std::map<int64_t, double> expected;
    double inner = 0;
    for (int64_t x = 1 - kEnd; x < kEnd; ++x) {
      expected[x] = kDraws * ProbabilityOf(x, scale);
      inner += expected[x];
    }
    expected[kEnd] = expected[-kEnd] = (kDraws - inner) / 2;
    for (const auto& [x, count] : seen) {
      observed[std::clamp(x, -kEnd, kEnd)] += count;
    }
    double chi_square = 0;
    for (const auto& [x, many] : expected) {
      chi_square += (observed[x] - many) * (observed[x] - many) / many;
    }
    // 16 degrees of freedom, p = 0.001.
    EXPECT_LT(chi_square, 39.25) << scale.t << "/" << scale.u;
  }
}

TEST(DiscreteLaplaceTest, TheStatedErrorIsThatOfTheDraws) {
  constexpr int kDraws = 20000;
  const LaplaceScale scale{4, 1};
  const int64_t bound = scale.Within95();
  int within = 0;
  int within_less = 0;
  double squares = 0;
  for (const auto& [x, count] : Draws("error", scale, kDraws)) {
    squares += static_cast<double>(x * x) * count;
    if (std::abs(x) <= bound) within += count;
    if (std::abs(x) < bound) within_less += count;
  }
  EXPECT_GE(within, kDraws * 0.945);
  EXPECT_LT(within_less, kDraws * 0.95);
  EXPECT_NEAR(squares / kDraws, scale.Variance(), 0.06 * scale.Variance());
}

TEST(DiscreteLaplaceTest, TheStatedErrorIsTheSmallestThatHolds) {
  // P(|x| > m) = 2 q^(m+1) / (1 + q).
  for (const LaplaceScale scale :
       {LaplaceScale{1, 5}, LaplaceScale{1, 1}, LaplaceScale{2, 1},
        LaplaceScale{4, 1}, LaplaceScale{64, 1}}) {
    double outside = 1 - ProbabilityOf(0, scale);
    uint32_t least = 0;
    while (outside > 0.05) {
      ++least;
      outside -= 2 * ProbabilityOf(least, scale);
    }
    EXPECT_EQ(scale.Within95(), least) << scale.t << "/" << scale.u;
  }
}

}  // namespace
}  // namespace comity
