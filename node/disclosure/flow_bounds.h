#pragma once

#include <vector>

#include "node/disclosure/table_audit.h"

namespace comity {

// Equations that hang together by open cells.
struct OpenPart {
  std::vector<size_t> equations;
  std::vector<size_t> cells;  // the open ones
};

// Narrows valid bounds to the narrowest: for each of them there are whole
// counts that reach it. That is done in each connected part of at most
// kMostFlowCells open cells whose equations are those of a network, where every
// cell stands in two of them at most and all can be signed so that it is added
// in one and taken away in the other. The lines of a table of two dimensions
// are such ones, with whatever margins; those of three are not. Parts that no
// counts fulfil stay as they are, and so do other parts, which are returned,
// and cells for which no budget is left.
inline constexpr size_t kMostFlowCells = 300;
std::vector<OpenPart> NarrowByFlows(const CountSystem& system,
                                    SolvingBudget& budget,
                                    std::vector<CountBounds>& bounds);

}  // namespace comity
