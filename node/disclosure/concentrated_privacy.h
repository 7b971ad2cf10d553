#pragma once

#include <cstdint>
#include <optional>

#include "node/disclosure/discrete_gaussian.h"

namespace comity {

// Zero-concentrated differential privacy (Bun and Steinke, "Concentrated
// Differential Privacy: Simplifications, Extensions, and Lower Bounds", TCC
// 2016). Noise of a discrete Gaussian on counts of which one person is in at
// most `cells` gives rho = cells / (2 sigma^2) (Canonne, Kamath and Steinke
// 2020), and whoever has rho has, for every delta, by proposition 1.3 of the
// former
//   epsilon = rho + 2 sqrt(rho ln(1 / delta)).
// All in whole numbers, rounded to where more is protected.

// Delta is 1 / 10^exponent: 1 in a million at most.
inline constexpr uint32_t kSmallestDeltaExponent = 6;
inline constexpr uint32_t kLargestDeltaExponent = 12;

// In thousandths, as much as an agreement may give one table.
inline constexpr uint32_t kMostConcentratedEpsilon = 10000;

// The largest rho, in millionths, whose epsilon at this delta is no more than
// the one that is given in thousandths, of which there are at most as many.
uint32_t LargestRho(uint32_t epsilon_thousandths, uint32_t delta_exponent);

// The smallest whole sigma^2 that gives no more than such a rho. nullopt if it
// would be 2^20 or more, which is noise alone.
std::optional<GaussWidth> WidthFor(uint32_t cells, uint32_t rho_millionths);

}  // namespace comity
