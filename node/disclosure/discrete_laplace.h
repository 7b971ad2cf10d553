#pragma once

#include <cstdint>
#include <string>

#include "absl/numeric/int128.h"
#include "node/base/secret_bytes.h"

namespace comity {

// Bits that follow from a seed: the blocks HMAC-SHA-256(seed, counter), the
// counter in 8 big-endian bytes from 0, each block's most significant bit
// first. Used by one thread.
class SeededBits {
 public:
  explicit SeededBits(SecretBytes seed) : seed_(std::move(seed)) {}

  bool Next();
  // Uniform from 0 to `bound` - 1, exactly: as many bits as `bound` - 1 has,
  // drawn anew while they are too large. `bound` is at least 1.
  uint64_t Below(uint64_t bound);

 private:
  SecretBytes seed_;
  uint64_t counter_ = 0;
  std::string block_;
  size_t used_ = 0;  // bits of `block_`
};

// The exact samplers of Canonne, Kamath and Steinke ("The Discrete Gaussian for
// Differential Privacy", NeurIPS 2020): whole numbers alone, so that what
// is drawn has the stated distribution and not that of rounded floating point
// numbers, whose gaps give counts away (Mironov 2012).

// True with probability exp(-numerator / denominator).
bool DrawExp(SeededBits& bits, absl::uint128 numerator, uint64_t denominator);

// The scale t / u of the distribution p(x) proportional to exp(-|x| u / t).
// Both are from 1 to 2^26.
struct LaplaceScale {
  uint64_t t = 1;
  uint64_t u = 1;

  double Variance() const;
  // The smallest m with |x| <= m in at least 95 of 100 draws.
  uint32_t Within95() const;
};

int64_t DrawLaplace(SeededBits& bits, LaplaceScale scale);

}  // namespace comity
