#pragma once

#include <cstdint>
#include <optional>

#include "node/disclosure/cell_key.h"
#include "node/disclosure/protected_table.h"

namespace comity {

// Quantiles of durations that may leave. A quantile is the nearest rank: of n
// numbers in ascending order the one at place ceil(n * percent / 100), so that
// a median of an even number is the lower one (Hyndman and Fan 1996, definition
// 1). Each person of a cell has one number.
//
// That number is somebody's own, so it is never told: the cell's key moves the
// place by the noise of counts (noise_table.h), never nearer to either end than
// a quarter of k, and what stands there is rounded up to a step. Whether a cell
// has a figure at all follows from the number of its persons alone, by the
// rules of counts with a higher threshold, and from no duration.

// Version of the method: part of the key that answers are stored under.
inline constexpr const char* kRankKeyMethod = "rank-key/v1";

// Place of the quantile among `n` > 0 numbers, from 1.
uint64_t NearestRank(uint64_t n, uint32_t percent);

// How many persons a cell must have: at least `k`, and as many beside the
// quantile on either side as the median of `k` has. With k = 11 a median needs
// 11, a 90th percentile 50.
uint64_t FewestPersons(uint32_t percent, uint64_t k);

// The next step of 0, 1, ..., 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270,
// 365, and beyond of whole years.
uint64_t RoundedUp(uint32_t days);

// One quantile for each cell that may have a figure. `keying.window` names the
// measure. What an earlier release hid stays hidden. nullopt if earlier
// releases leave no way to protect this table.
std::optional<ProtectedCells> ProtectByRankKey(const ExactDurations& exact,
                                               uint32_t percent, uint64_t k,
                                               const CellKeying& keying,
                                               const EarlierReleases& earlier);

}  // namespace comity
