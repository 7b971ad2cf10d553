#include "node/wire/table_wire.h"

#include "node/domain/measure.h"

namespace comity {

namespace pb = federation::v1;

TableQuestion::Filters ParseFilters(
    const google::protobuf::RepeatedPtrField<pb::TableFilter>& filters) {
  TableQuestion::Filters parsed;
  for (const pb::TableFilter& filter : filters) {
    parsed[filter.column()].insert(filter.values().begin(),
                                   filter.values().end());
  }
  return parsed;
}

absl::StatusOr<TableQuestion> ParseTableQuestion(
    const pb::TableQuestion& question) {
  return TableQuestion::Create(
      question.period(),
      {question.dimensions().begin(), question.dimensions().end()},
      ParseFilters(question.filters()), MeasureNamed(question.measure()));
}

ReleasedCells ParseCells(const pb::ReleasedTable& table) {
  ReleasedCells released;
  for (const pb::TableCell& cell : table.cells()) {
    const bool shown = cell.status() == pb::CELL_STATUS_VALUE;
    released.cells.push_back({{cell.codes().begin(), cell.codes().end()},
                              !shown,
                              shown ? cell.value() : 0});
  }
  return released;
}

void FormatCells(const ReleasedCells& released, pb::ReleasedTable& table) {
  for (const TableCell& cell : released.cells) {
    auto* added = table.add_cells();
    for (const std::string& code : cell.codes) added->add_codes(code);
    added->set_status(cell.suppressed ? pb::CELL_STATUS_SUPPRESSED
                                      : pb::CELL_STATUS_VALUE);
    added->set_value(cell.value);
  }
}

}  // namespace comity
