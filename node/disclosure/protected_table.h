#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "node/domain/table_grid.h"

namespace comity {

// What of a table may leave: for each cell of the grid a number, or nothing.
// Nothing means zero, few, or hidden to protect another cell; the three look
// alike.
using ProtectedCells = std::vector<std::optional<uint64_t>>;

// What earlier answers from the same snapshot told of a cell, to anybody:
// askers may pool what they have.
enum class EarlierRelease : uint8_t { kNever = 0, kHidden, kShown };

// One for each cell of the grid.
using EarlierReleases = std::vector<EarlierRelease>;

}  // namespace comity
