#pragma once

#include <optional>
#include <string>
#include <vector>

#include "node/disclosure/protected_table.h"
#include "node/disclosure/table_audit.h"

namespace comity {

// Suppression with complementary suppression: what is shown is exact, and what
// is hidden stays uncertain for whoever solves the table with its margins and
// with earlier tables.

// Version of the method: part of the key that answers are stored under.
inline constexpr const char* kSuppressionMethod = "suppression/v1";

// What is public of other tables over the same snapshot.
struct LinkedTable {
  TableGrid grid;
  ProtectedCells cells;
  // A name for each cell that is the same in every table that has the cell.
  std::vector<std::string> names;
};

// Hides each cell under `k`, zero included; then hides the smallest shown cell
// beside it, again and again, until the auditor (table_audit.h), who is given
// this table and `linked`, can say of no small cell more than that it is
// anything from 0 to at least k - 1, and learns no more of what `linked` hides.
// What was shown earlier stays shown, what was hidden stays hidden. nullopt if
// that leaves no way, or if the tables together are too large for the auditor
// or take more than the budget, which all solutions have together.
std::optional<ProtectedCells> ProtectBySuppression(
    const ExactTable& exact, uint64_t k, const std::vector<std::string>& names,
    const std::vector<LinkedTable>& linked, const EarlierReleases& earlier,
    SolvingBudget& budget);
// The same with a budget of its own.
std::optional<ProtectedCells> ProtectBySuppression(
    const ExactTable& exact, uint64_t k, const std::vector<std::string>& names,
    const std::vector<LinkedTable>& linked, const EarlierReleases& earlier);

}  // namespace comity
