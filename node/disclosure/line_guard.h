#pragma once

#include <vector>

#include "node/disclosure/protected_table.h"

namespace comity {

// Hides cells until no line of the table - the parts of one dimension and
// their total, margins included - has exactly one hidden cell, which
// subtraction would uncover. Such a line hides its smallest shown part (among
// equals the one of the lower key), and where no part is left its total. Lines
// of an open dimension always have hidden cells that are not listed.
//
// A cell that an earlier release showed stays shown. False if a line can then
// not be mended: the table must not leave.
bool GuardLines(const TableGrid& grid, const std::vector<uint32_t>& keys,
                const EarlierReleases& earlier, ProtectedCells& cells);

}  // namespace comity
