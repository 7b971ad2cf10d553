#pragma once

#include "node/disclosure/protected_table.h"
#include "node/domain/table_question.h"
#include "node/tabulation/column_table.h"

namespace comity {

// A table of counts under filters is a slice of one without: a line through
// several slices must not have one hidden cell either, or whoever asks for all
// of them and for the margin subtracts. It is protected as part of the whole.

// The table that the question is a slice of: by its dimensions and by the
// columns of its filters. Of an open column no line is guarded where figures
// carry noise, and its filter stays; of a table too large to be made, all do.
TableQuestion WholeOf(const TableQuestion& slice, const PeriodColumns& rows);
// The same for exact figures, of which each line is: by all columns of its
// filters, however large.
TableQuestion SolvedWholeOf(const TableQuestion& slice);

// The cells of the slice, which has this grid, among those of the whole.
ProtectedCells CutOut(const TableQuestion& slice, const TableGrid& slice_grid,
                      const TableQuestion& whole, const TableGrid& whole_grid,
                      const ProtectedCells& cells);

// The cells that are written out: those with a figure, and of the hidden ones
// those whose codes are fixed or stand at a figure elsewhere. The others are
// hidden as well; that they are not listed tells nothing.
std::vector<TableCell> ListedCells(const TableGrid& grid,
                                   const ProtectedCells& cells);

}  // namespace comity
