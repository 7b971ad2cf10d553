#pragma once

#include <cstdint>
#include <vector>

namespace comity {

// The noise of cell-key perturbation: for each true count the distribution of
// what is added to it, as cumulative 32-bit bounds. Of all distributions that
// keep counts at zero or more, add nothing on average, have variance
// kNoiseVariance and add at most kLargestNoise, it is the one of maximum
// entropy (Giessing, "Computational issues in the design of transition
// probabilities and disclosure risk estimation for additive noise", PSD 2016):
// p(v) proportional to exp(-a v - b v^2). Published, and safe to publish: users
// need it to judge the error. Counts of kLargestNoise and more share one row.
inline constexpr int kLargestNoise = 8;
inline constexpr int kNoiseVariance = 4;

struct NoiseRow {
  int first;                     // the noise of the first bound
  std::vector<uint64_t> bounds;  // ascending, the last is 2^32
};

// By true count, from 0 to kLargestNoise.
const std::vector<NoiseRow>& NoiseRows();

// What is added to `count` when its cell's key is `key`: uniform keys draw from
// the count's row.
int NoiseFor(uint64_t count, uint32_t key);

}  // namespace comity
