#include "node/disclosure/concentrated_privacy.h"

namespace comity {
namespace {

// ln 10 in millionths, rounded up: more of it is a larger epsilon.
constexpr uint64_t kLogOfTen = 2'302'586;
constexpr uint64_t kMillionthsOfThousandth = 1000;
constexpr uint64_t kHalfAMillion = 500'000;
constexpr uint64_t kMostVariance = uint64_t{1} << 20;

// Whether rho + 2 sqrt(rho ln(1 / delta)) <= epsilon, squared; all of them in
// millionths.
bool Fits(uint64_t rho, uint64_t epsilon, uint64_t log_of_delta) {
  if (rho > epsilon) return false;
  const uint64_t rest = epsilon - rho;
  return 4 * rho * log_of_delta <= rest * rest;
}

}  // namespace

uint32_t LargestRho(uint32_t epsilon_thousandths, uint32_t delta_exponent) {
  const uint64_t epsilon = epsilon_thousandths * kMillionthsOfThousandth;
  const uint64_t log_of_delta = delta_exponent * kLogOfTen;
  // `fits` always does, `over` never.
  uint64_t fits = 0;
  uint64_t over = epsilon + 1;
  while (over - fits > 1) {
    const uint64_t middle = fits + (over - fits) / 2;
    (Fits(middle, epsilon, log_of_delta) ? fits : over) = middle;
  }
  return static_cast<uint32_t>(fits);
}

std::optional<GaussWidth> WidthFor(uint32_t cells, uint32_t rho_millionths) {
  if (rho_millionths == 0) return std::nullopt;
  const uint64_t above = cells * kHalfAMillion;
  const uint64_t variance = (above + rho_millionths - 1) / rho_millionths;
  if (variance == 0 || variance >= kMostVariance) return std::nullopt;
  return GaussWidth{variance, 1};
}

}  // namespace comity
