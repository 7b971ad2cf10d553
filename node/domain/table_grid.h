#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace comity {

// One dimension of a table.
struct TableAxis {
  std::string column;
  std::vector<std::string> codes;  // sorted, different
  // More codes exist than are listed; nobody in the period has those.
  bool open = false;
  // A person may have several of the codes, so they need not add up.
  bool several = false;
};

// The cells of a table with all its margins, numbered from 0: the last
// dimension varies fastest, and in each dimension the total follows the codes.
// A table without dimensions has one cell. Immutable.
class TableGrid {
 public:
  explicit TableGrid(std::vector<TableAxis> axes);

  const std::vector<TableAxis>& axes() const { return axes_; }
  size_t size() const { return size_; }
  // Distance between two neighbours along a dimension.
  size_t stride(size_t axis) const { return strides_[axis]; }

  // Which code of the dimension a cell spells out; the number of codes: none,
  // it is the total.
  size_t PlaceOf(size_t cell, size_t axis) const {
    return cell / strides_[axis] % (axes_[axis].codes.size() + 1);
  }
  bool IsTotal(size_t cell, size_t axis) const {
    return PlaceOf(cell, axis) == axes_[axis].codes.size();
  }
  // One code for each dimension, kTotal where the cell is a margin.
  std::vector<std::string> CodesOf(size_t cell) const;

  // The line along `axis` that ends in the total `total`: the parts, then it.
  std::vector<size_t> LineTo(size_t total, size_t axis) const;
  // The same line by any cell on it.
  std::vector<size_t> LineThrough(size_t cell, size_t axis) const;

 private:
  std::vector<TableAxis> axes_;
  std::vector<size_t> strides_;
  size_t size_ = 1;
};

// Danger: an exact count, and the sum of the counted persons' record keys
// modulo 2^64. Never leaves the service module (design.md law 8).
struct ExactCount {
  uint64_t persons = 0;
  uint64_t key_sum = 0;
};

// Danger: exact counts, one for each cell of the grid; disclosure turns them
// into what may be released.
struct ExactTable {
  TableGrid grid;
  std::vector<ExactCount> cells;
  // How many referrals, one for each cell; empty: the persons are the figures.
  std::vector<uint64_t> referrals = {};

  uint64_t Figure(size_t cell) const {
    return referrals.empty() ? cells[cell].persons : referrals[cell];
  }
};

// Danger: exact durations; disclosure turns them into quantiles.
struct ExactDurations {
  ExactTable persons;  // those of whom a duration is known
  // For each cell one number of each person in it, ascending.
  std::vector<std::vector<uint32_t>> days;
};

}  // namespace comity
