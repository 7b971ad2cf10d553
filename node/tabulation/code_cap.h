#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace comity {

// At most `most` of a person's codes in one column, so that no person counts in
// more cells than the noise of differential privacy is made for. Which of them
// follows from the set alone: as many in a row, from a place that the set
// chooses, so that no code is dropped more often for standing late in its list.
inline std::vector<uint32_t> CappedCodes(const std::vector<uint32_t>& set,
                                         size_t most) {
  if (set.size() <= most) return set;
  const uint64_t sum = std::accumulate(set.begin(), set.end(), uint64_t{0});
  std::vector<uint32_t> kept;
  for (size_t i = 0; i < most; ++i) {
    kept.push_back(set[(sum + i) % set.size()]);
  }
  std::sort(kept.begin(), kept.end());
  return kept;
}

}  // namespace comity
