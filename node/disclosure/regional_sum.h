#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "node/domain/table_question.h"

namespace comity {

// A cell summed over the members that gave a value for it.
struct RegionalCell {
  std::vector<std::string> codes;
  uint64_t sum = 0;
  uint32_t members = 0;             // whose values are in the sum
  uint32_t suppressed_members = 0;  // not zero: the sum is a lower bound
};

// Adds released tables, cell by cell. A cell that a member does not list is
// hidden there, as a suppressed one is: zero, few, or protecting another.
std::vector<RegionalCell> SumTables(const std::vector<ReleasedCells>& members);

}  // namespace comity
