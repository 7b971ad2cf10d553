#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "node/disclosure/protected_table.h"
#include "node/disclosure/solving_budget.h"

namespace comity {

// What the public knows of one true count: at least, at most.
struct CountBounds {
  static constexpr int64_t kUnbounded = std::numeric_limits<int64_t>::max() / 4;
  int64_t least = 0;
  int64_t most = kUnbounded;

  bool IsExact() const { return least == most; }
};

// One thing that holds between true counts: the terms' sum is zero.
struct CountEquation {
  struct Term {
    size_t cell = 0;
    int sign = 1;  // 1 or -1
  };
  std::vector<Term> terms;
};

// Published counts and all that is known to hold between them, over one table
// or several that share cells.
struct CountSystem {
  std::vector<CountBounds> cells;
  std::vector<CountEquation> equations;

  // Adds "the parts add up to the total".
  void AddLine(const std::vector<size_t>& parts, size_t total);
};

// What somebody who solves the system knows.
struct AuditOutcome {
  // Implied bounds, for each cell.
  std::vector<CountBounds> cells;
  // Equations that no counts within the bounds can fulfil, one alone or all of
  // these together; if there are any, the bounds mean nothing.
  std::vector<size_t> contradictions;
  // False: a part was not solved, being too large or taking more work than was
  // left, so that more may be known of its cells than the bounds say.
  bool complete = true;

  // Whether a cell that was not published exactly is now known exactly.
  bool Uncovers(const CountSystem& system, size_t cell) const {
    return cells[cell].IsExact() && !system.cells[cell].IsExact();
  }
};

// Solves the system: narrows bounds along every equation until nothing
// changes, and finds by elimination what the equations alone determine, however
// many of them it takes. Elimination is exact (over the field of 2^61 - 1); it
// runs in each connected part of at most kMostUnknowns open cells. Where counts
// may not be negative, several equations together can say more than each after
// the other: in tables of one or two dimensions bounds are the narrowest
// (disclosure/flow_bounds.h); in others, and in several that share cells, they
// are those of a linear programme (disclosure/linear_bounds.h).
inline constexpr size_t kMostUnknowns = 600;
AuditOutcome SolveCounts(const CountSystem& system, SolvingBudget& budget);
// The same with a budget of its own.
AuditOutcome SolveCounts(const CountSystem& system);
// The same along single equations alone; the rest takes the time.
AuditOutcome NarrowCounts(const CountSystem& system, SolvingBudget& budget);
AuditOutcome NarrowCounts(const CountSystem& system);

// The equations of a table's lines, over cells numbered as the grid numbers
// them; added to `system`, which must have those cells. A dimension with codes
// that are not listed gets a cell for their sum in each line, one of which a
// person may have several gets one for what is counted twice; these follow the
// grid's cells.
void AddLinesOf(const TableGrid& grid, const std::vector<size_t>& cell_of,
                CountSystem& system);

}  // namespace comity
