#pragma once

#include <string>
#include <vector>

#include "node/domain/table_question.h"

namespace comity {

// A cell as a share of the persons of whom something is known in one column, as
// the CTDC codebook defines it: who has no value in the column is in no
// denominator, and where persons may have several values shares add up to more
// than 1.
struct KnownShare {
  std::vector<std::string> codes;
  double least = 0;
  double most = 0;  // more than `least` if the unknown are hidden
  uint32_t members = 0;
};

// How a column's shares are made.
struct ShareColumn {
  size_t axis = 0;  // its place among the dimensions
  // Who has no value is counted as "unknown".
  bool has_unknown = true;
  // A person may have several values.
  bool several = false;
};

// The shares of one or several members' released tables together, over those
// members that show both the cell and its total. Made of released figures only:
// the denominator is total less unknown, and carries the noise of both. Where
// "unknown" is hidden, there are as many known as the total says at most, and
// as many as the shown cells of the column say at least.
std::vector<KnownShare> SharesOfKnown(const std::vector<ReleasedCells>& members,
                                      const ShareColumn& column);

}  // namespace comity
