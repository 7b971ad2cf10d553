#include "node/cli/comparison_output.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/cli/fact_json.h"
#include "node/cli/output.h"

namespace comity {
namespace {

std::vector<std::string> CellRow(const ComparedCell& cell, size_t answers) {
  std::vector<std::string> row = cell.codes;
  for (size_t i = 0; i < answers; ++i) {
    row.push_back(cell.figures.empty() ? "suppressed"
                                       : absl::StrCat(cell.figures[i]));
  }
  row.push_back(cell.error.has_value() ? absl::StrCat("+/- ", *cell.error)
                                       : "-");
  row.push_back(absl::StrCat(cell.members.size()));
  return row;
}

}  // namespace

google::protobuf::Struct ComparisonJson(const AnswerComparison& comparison) {
  google::protobuf::Struct object;
  SetJsonNames(comparison.answers, object, "answers");
  SetJsonNames(comparison.members, object, "members");
  for (const ComparedCell& cell : comparison.cells) {
    auto& one = AddJsonObject(object, "cells");
    SetJsonNames(cell.codes, one, "codes");
    SetJsonNames(cell.members, one, "members");
    auto& figures = *JsonField(one, "figures").mutable_list_value();
    for (const uint64_t figure : cell.figures) {
      figures.add_values()->set_number_value(static_cast<double>(figure));
    }
    if (!cell.error.has_value()) continue;
    JsonField(one, "error").set_number_value(static_cast<double>(*cell.error));
  }
  return object;
}

void PrintComparison(const std::vector<std::string>& dimensions,
                     const AnswerComparison& comparison) {
  std::vector<std::vector<std::string>> rows = {dimensions};
  rows[0].insert(rows[0].end(), comparison.answers.begin(),
                 comparison.answers.end());
  rows[0].insert(rows[0].end(), {"error of change", "members"});
  for (const ComparedCell& cell : comparison.cells) {
    rows.push_back(CellRow(cell, comparison.answers.size()));
  }
  printf("over %s\n", absl::StrJoin(comparison.members, ", ").c_str());
  PrintTable(rows);
  printf(
      "a figure counts the members that show it in all; a change within its "
      "error may be protection alone\n");
}

}  // namespace comity
