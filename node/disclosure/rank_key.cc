#include "node/disclosure/rank_key.h"

#include <algorithm>
#include <array>

#include "node/disclosure/noise_table.h"

namespace comity {
namespace {

constexpr uint64_t kHundred = 100;
constexpr uint64_t kYear = 365;
constexpr std::array<uint64_t, 19> kSteps = {
    0, 1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, kYear};

// Persons on either side of the median of `k`.
uint64_t Beside(uint64_t k) { return k == 0 ? 0 : (k - 1) / 2; }

// The quantile of a cell, at the place to which its key moves it.
uint64_t QuantileAt(const std::vector<uint32_t>& days, uint32_t percent,
                    uint64_t k, uint32_t key) {
  const auto n = static_cast<int64_t>(days.size());
  const auto margin = static_cast<int64_t>((Beside(k) + 1) / 2);
  const int64_t moved =
      static_cast<int64_t>(NearestRank(days.size(), percent)) +
      NoiseFor(days.size(), key);
  const int64_t rank = std::clamp(moved, margin + 1, n - margin);
  return RoundedUp(days[static_cast<size_t>(rank - 1)]);
}

}  // namespace

uint64_t NearestRank(uint64_t n, uint32_t percent) {
  return std::max<uint64_t>(1, (n * percent + kHundred - 1) / kHundred);
}

uint64_t FewestPersons(uint32_t percent, uint64_t k) {
  uint64_t n = std::max<uint64_t>(k, 1);
  while (NearestRank(n, percent) <= Beside(k) ||
         n - NearestRank(n, percent) < Beside(k)) {
    ++n;
  }
  return n;
}

uint64_t RoundedUp(uint32_t days) {
  const auto* step = std::lower_bound(kSteps.begin(), kSteps.end(), days);
  if (step != kSteps.end()) return *step;
  return (days + kYear - 1) / kYear * kYear;
}

std::optional<ProtectedCells> ProtectByRankKey(const ExactDurations& exact,
                                               uint32_t percent, uint64_t k,
                                               const CellKeying& keying,
                                               const EarlierReleases& earlier) {
  std::optional<ProtectedCells> cells = ProtectByCellKey(
      exact.persons, FewestPersons(percent, k), keying, earlier);
  if (!cells.has_value()) return std::nullopt;
  const TableGrid& grid = exact.persons.grid;
  for (size_t cell = 0; cell < cells->size(); ++cell) {
    if (!(*cells)[cell].has_value()) continue;
    // Another key than that of the count, which decided that it is shown.
    const uint32_t key = NoiseKey(grid, cell, exact.persons.cells[cell].key_sum,
                                  keying, "|rank");
    (*cells)[cell] = QuantileAt(exact.days[cell], percent, k, key);
  }
  return cells;
}

}  // namespace comity
