#pragma once

#include <vector>

#include "node/disclosure/flow_bounds.h"
#include "node/disclosure/table_audit.h"

namespace comity {

// What linear programmes found beside bounds.
struct LinearOutcome {
  // Equations of one part that no whole counts fulfil together; if there are
  // any, the other parts were not looked at.
  std::vector<size_t> contradictions;
  // False: some cells' bounds may be wider than what their equations say.
  bool complete = true;
};

// Narrows valid bounds to those of linear programmes: over all numbers, broken
// ones too, that are within the bounds and fulfil the part's equations each
// cell is made as small and as large as it can be, and what comes out is
// rounded inwards to whole counts. So bounds hold every whole count that is
// possible, and may be wider than those by a count or more; it is the measure
// by which auditors of tables go. Parts of more than kMostProgrammeCells cells,
// those with a count over kLargestProgrammeCount, and those that are left when
// the budget is spent, are not complete;
// nor are those of which the solver says that nothing fulfils them without a
// proof that holds.
inline constexpr size_t kMostProgrammeCells = 2000;
inline constexpr int64_t kLargestProgrammeCount = 100'000'000;
LinearOutcome NarrowByProgrammes(const CountSystem& system,
                                 const std::vector<OpenPart>& parts,
                                 SolvingBudget& budget,
                                 std::vector<CountBounds>& bounds);

}  // namespace comity
