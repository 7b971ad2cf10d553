#include "node/service/whole_table.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "node/domain/table_columns.h"

namespace comity {
namespace {

// Cells of the largest table that is counted for a slice of it.
constexpr size_t kMostCells = 400'000;

}  // namespace

TableQuestion WholeOf(const TableQuestion& slice, const PeriodColumns& rows) {
  std::vector<std::string> dimensions = slice.dimensions();
  TableQuestion::Filters kept;
  for (const auto& [column, codes] : slice.filters()) {
    if (FindTableColumn(column)->IsOpen()) {
      kept.emplace(column, codes);
    } else {
      dimensions.push_back(column);
    }
  }
  // Countries are fewer in a period than there are.
  auto whole = TableQuestion::CreateAtHome(slice.period(), dimensions, kept,
                                           slice.measure());
  if (!whole.ok() || rows.GridOf(*whole).size() > kMostCells) return slice;
  return *std::move(whole);
}

TableQuestion SolvedWholeOf(const TableQuestion& slice) {
  std::vector<std::string> dimensions = slice.dimensions();
  for (const auto& [column, codes] : slice.filters()) {
    dimensions.push_back(column);
  }
  // Columns of a question that may leave are dimensions of one, too.
  auto whole = TableQuestion::CreateAtHome(slice.period(), dimensions, {},
                                           slice.measure());
  return whole.ok() ? *std::move(whole) : slice;
}

ProtectedCells CutOut(const TableQuestion& slice, const TableGrid& slice_grid,
                      const TableQuestion& whole, const TableGrid& whole_grid,
                      const ProtectedCells& cells) {
  absl::flat_hash_map<std::string, size_t> places;
  for (size_t cell = 0; cell < whole_grid.size(); ++cell) {
    places.emplace(whole.CellName(whole_grid.CodesOf(cell)), cell);
  }
  ProtectedCells cut(slice_grid.size());
  for (size_t cell = 0; cell < slice_grid.size(); ++cell) {
    const auto found = places.find(slice.CellName(slice_grid.CodesOf(cell)));
    if (found != places.end()) cut[cell] = cells[found->second];
  }
  return cut;
}

std::vector<TableCell> ListedCells(const TableGrid& grid,
                                   const ProtectedCells& cells) {
  std::vector<std::vector<bool>> listed(grid.axes().size());
  for (size_t axis = 0; axis < listed.size(); ++axis) {
    const TableAxis& dimension = grid.axes()[axis];
    listed[axis].assign(dimension.codes.size() + 1, !dimension.open);
    listed[axis].back() = true;
  }
  for (size_t cell = 0; cell < cells.size(); ++cell) {
    if (!cells[cell]) continue;
    for (size_t axis = 0; axis < listed.size(); ++axis) {
      listed[axis][grid.PlaceOf(cell, axis)] = true;
    }
  }
  std::vector<TableCell> list;
  for (size_t cell = 0; cell < cells.size(); ++cell) {
    bool lists = true;
    for (size_t axis = 0; axis < listed.size(); ++axis) {
      lists = lists && listed[axis][grid.PlaceOf(cell, axis)];
    }
    if (!lists) continue;
    list.push_back({grid.CodesOf(cell), !cells[cell].has_value(),
                    cells[cell].value_or(0)});
  }
  return list;
}

}  // namespace comity
