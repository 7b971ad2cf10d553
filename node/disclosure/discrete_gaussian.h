#pragma once

#include <cstdint>

#include "node/disclosure/discrete_laplace.h"

namespace comity {

// The variance parameter a / b of the distribution p(x) proportional to
// exp(-x^2 b / 2a) over the whole numbers. Both are from 1 to 2^20.
struct GaussWidth {
  uint64_t a = 1;
  uint64_t b = 1;

  // A little less than a / b where that is small (Canonne, Kamath and Steinke).
  double Variance() const;
  // The smallest m with |x| <= m in at least 95 of 100 draws.
  uint32_t Within95() const;
};

// The exact sampler of Canonne, Kamath and Steinke (discrete_laplace.h): what a
// discrete Laplace distribution draws is taken as often as makes it a Gaussian.
int64_t DrawGaussian(SeededBits& bits, GaussWidth width);

}  // namespace comity
