#include "node/disclosure/regional_sum.h"

#include <map>

namespace comity {

std::vector<RegionalCell> SumTables(const std::vector<ReleasedCells>& members) {
  std::map<std::vector<std::string>, RegionalCell> sums;
  for (const ReleasedCells& member : members) {
    for (const TableCell& cell : member.cells) {
      RegionalCell& sum = sums[cell.codes];
      sum.codes = cell.codes;
      if (cell.suppressed) continue;
      sum.sum += cell.value;
      ++sum.members;
    }
  }
  // What a member does not list is hidden as well.
  for (auto& [codes, sum] : sums) {
    sum.suppressed_members =
        static_cast<uint32_t>(members.size()) - sum.members;
  }
  std::vector<RegionalCell> cells;
  cells.reserve(sums.size());
  for (auto& [codes, sum] : sums) cells.push_back(std::move(sum));
  return cells;
}

}  // namespace comity
