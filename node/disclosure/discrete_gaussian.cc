#include "node/disclosure/discrete_gaussian.h"

#include <cmath>

#include "absl/numeric/int128.h"

namespace comity {
namespace {

// Beyond so many deviations nothing adds to a sum of doubles.
constexpr double kFarDeviations = 12;

// exp(-x^2 / 2 sigma^2), the weight of x.
double WeightOf(uint64_t x, double variance) {
  const auto distance = static_cast<double>(x);
  return std::exp(-distance * distance / (2 * variance));
}

double VarianceParameter(const GaussWidth& width) {
  return static_cast<double>(width.a) / static_cast<double>(width.b);
}

// The last x whose weight is looked at.
uint64_t FarEnd(double variance) {
  return static_cast<uint64_t>(kFarDeviations * std::sqrt(variance)) + 1;
}

// The sum of `of`(x) times the weight of x, over all x of both signs.
template <typename Function>
double WeighedSum(double variance, Function of) {
  double sum = of(uint64_t{0});
  for (uint64_t x = FarEnd(variance); x > 0; --x) {
    sum += 2 * of(x) * WeightOf(x, variance);
  }
  return sum;
}

// The whole part of the root of a / b, plus one.
uint64_t ScaleFor(const GaussWidth& width) {
  uint64_t t = 1;
  while (t * t * width.b <= width.a) ++t;
  return t;
}

}  // namespace

double GaussWidth::Variance() const {
  const double variance = VarianceParameter(*this);
  const double squares = WeighedSum(variance, [](uint64_t x) {
    return static_cast<double>(x) * static_cast<double>(x);
  });
  return squares / WeighedSum(variance, [](uint64_t) { return 1.0; });
}

uint32_t GaussWidth::Within95() const {
  constexpr double kInside = 0.95;
  const double variance = VarianceParameter(*this);
  const double wanted =
      kInside * WeighedSum(variance, [](uint64_t) { return 1.0; });
  double inside = 1;
  uint32_t m = 0;
  while (inside < wanted) inside += 2 * WeightOf(++m, variance);
  return m;
}

int64_t DrawGaussian(SeededBits& bits, GaussWidth width) {
  const uint64_t t = ScaleFor(width);
  // At most 2^43 by the bounds of the width.
  const uint64_t denominator = 2 * width.a * width.b * t * t;
  for (;;) {
    const int64_t drawn = DrawLaplace(bits, {t, 1});
    const absl::uint128 size = static_cast<uint64_t>(std::abs(drawn));
    const absl::uint128 reach = size * (width.b * t);
    const absl::uint128 off =
        reach > width.a ? reach - width.a : width.a - reach;
    if (DrawExp(bits, off * off, denominator)) return drawn;
  }
}

}  // namespace comity
