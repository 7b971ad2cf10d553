#include <algorithm>
#include <map>

#include "absl/strings/numbers.h"
#include "node/domain/table_columns.h"
#include "node/tabulation/column_table.h"

namespace comity {
namespace {

// The cells that a row is in: under each of its codes and in every margin.
// `places` has for each dimension those of its codes.
std::vector<size_t> CellsOf(
    const TableGrid& grid,
    const std::vector<const std::vector<uint32_t>*>& places) {
  std::vector<size_t> cells = {0};
  for (size_t axis = 0; axis < places.size(); ++axis) {
    const size_t stride = grid.stride(axis);
    std::vector<size_t> next;
    for (const size_t cell : cells) {
      for (const uint32_t place : *places[axis]) {
        next.push_back(cell + place * stride);
      }
      next.push_back(cell + grid.axes()[axis].codes.size() * stride);
    }
    cells = std::move(next);
  }
  return cells;
}

}  // namespace

// Referrals are few beside cases, so that looking at each person at a time,
// which tells her referrals apart from those of others, costs nothing.
template <typename Visit>
void PeriodColumns::ForEachPersonAndCell(const TableQuestion& question,
                                         const TableGrid& grid,
                                         const Visit& visit) const {
  const std::vector<char> kept = KeptRows(question);
  std::vector<const Column*> columns;
  for (const std::string& name : question.dimensions()) {
    columns.push_back(&columns_[TableColumnIndex(name)]);
  }
  for (size_t first = 0, end = 0; first < keys_.size(); first = end) {
    std::map<size_t, std::vector<size_t>> rows_in;
    for (end = first; end < keys_.size() && keys_[end] == keys_[first]; ++end) {
      if (!kept[end]) continue;
      std::vector<const std::vector<uint32_t>*> places(columns.size());
      std::transform(columns.begin(), columns.end(), places.begin(),
                     [end](const Column* column) {
                       return &column->sets[column->rows[end]];
                     });
      for (const size_t cell : CellsOf(grid, places)) {
        rows_in[cell].push_back(end);
      }
    }
    for (const auto& [cell, rows] : rows_in) visit(cell, rows);
  }
}

ExactTable PeriodColumns::CountReferrals(const TableQuestion& question) const {
  ExactTable table{GridOf(question), {}};
  table.cells.resize(table.grid.size());
  table.referrals.resize(table.grid.size());
  ForEachPersonAndCell(
      question, table.grid, [&](size_t cell, const std::vector<size_t>& rows) {
        ++table.cells[cell].persons;
        table.cells[cell].key_sum += keys_[rows[0]];
        table.referrals[cell] += std::min(rows.size(), kMostOfPerson);
      });
  return table;
}

ExactDurations PeriodColumns::Durations(const TableQuestion& question,
                                        const std::string& column) const {
  const Column& measured = columns_[TableColumnIndex(column)];
  ExactDurations durations{{GridOf(question), {}}, {}};
  ExactTable& persons = durations.persons;
  persons.cells.resize(persons.grid.size());
  durations.days.resize(persons.grid.size());
  ForEachPersonAndCell(
      question, persons.grid,
      [&](size_t cell, const std::vector<size_t>& rows) {
        for (const size_t row : rows) {
          const auto& set = measured.sets[measured.rows[row]];
          uint32_t days = 0;
          if (set.empty() || !absl::SimpleAtoi(measured.codes[set[0]], &days)) {
            continue;
          }
          ++persons.cells[cell].persons;
          persons.cells[cell].key_sum += keys_[row];
          durations.days[cell].push_back(days);
          return;
        }
      });
  for (auto& days : durations.days) std::sort(days.begin(), days.end());
  return durations;
}

}  // namespace comity
