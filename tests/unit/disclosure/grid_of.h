#pragma once

#include <random>
#include <string>
#include <vector>

#include "node/domain/table_grid.h"

namespace comity {

// A grid of closed dimensions of so many codes each.
inline TableGrid GridOf(const std::vector<size_t>& sizes) {
  std::vector<TableAxis> axes;
  for (size_t i = 0; i < sizes.size(); ++i) {
    TableAxis axis{"dimension" + std::to_string(i), {}};
    for (size_t code = 0; code < sizes[i]; ++code) {
      axis.codes.push_back("code" + std::to_string(code));
    }
    axes.push_back(std::move(axis));
  }
  return TableGrid(std::move(axes));
}

// A table whose inner cells are `inner`, in the order of the grid, each with
// record keys that `chance` draws; margins are added up.
template <typename Counts, typename Chance>
ExactTable TableOf(const TableGrid& grid, const Counts& inner, Chance& chance) {
  ExactTable table{grid, std::vector<ExactCount>(grid.size())};
  auto next = inner.begin();
  for (size_t cell = 0; cell < grid.size(); ++cell) {
    bool is_inner = true;
    for (size_t axis = 0; axis < grid.axes().size(); ++axis) {
      is_inner = is_inner && !grid.IsTotal(cell, axis);
    }
    if (!is_inner) continue;
    table.cells[cell].persons = *next++;
    for (uint64_t i = 0; i < table.cells[cell].persons; ++i) {
      table.cells[cell].key_sum += chance();
    }
  }
  for (size_t axis = 0; axis < grid.axes().size(); ++axis) {
    for (size_t cell = 0; cell < grid.size(); ++cell) {
      if (!grid.IsTotal(cell, axis)) continue;
      ExactCount sum;
      for (const size_t part : grid.LineTo(cell, axis)) {
        if (part == cell) continue;
        sum.persons += table.cells[part].persons;
        sum.key_sum += table.cells[part].key_sum;
      }
      table.cells[cell] = sum;
    }
  }
  return table;
}

}  // namespace comity
