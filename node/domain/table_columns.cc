#include "node/domain/table_columns.h"

#include <algorithm>

#include "node/domain/code_lists.h"

namespace comity {
namespace {

const std::vector<std::string>& AgeBands() {
  static const auto* bands = new std::vector<std::string>{
      "0-8",   "18-20", "21-23", "24-26", "27-29",
      "30-38", "39-47", "48+",   "9-17",  kUnknownCode};
  return *bands;
}

// The codes of one of the standard's lists and `more`, as tables list them.
std::vector<std::string> Listed(absl::string_view list,
                                const std::vector<std::string>& more = {}) {
  std::vector<std::string> codes = CodesOf(list);
  codes.insert(codes.end(), more.begin(), more.end());
  codes.emplace_back(kUnknownCode);
  std::sort(codes.begin(), codes.end());
  return codes;
}

// What was done to her, and how she came to it.
std::vector<TableColumn> ExploitationColumns() {
  return {
      {"border", {"cross-border", "internal", kUnknownCode}},
      {"control", Listed("control", CodesOf("control_group")), true},
      {"duration", Listed("duration")},
      {"exploitation", Listed("exploitation"), true},
      {"exploitation_country", {}, true},
      {"industry", Listed("industry")},
      {"recruiter", Listed("recruiter_relation", {"IntimatePartner"}), true},
      {"recruitment", Listed("recruitment"), true},
      {"sex_exploitation", Listed("sexual_exploitation"), true},
  };
}

// Who she is, who found that out, and what she is given.
std::vector<TableColumn> PersonColumns() {
  return {
      {"age_broad", AgeBands()},
      {"age_group", {"0-17", "18+", "disputed", kUnknownCode}},
      {"age_when_trafficked", AgeBands()},
      {"assistance", Listed("plan_type"), true},
      {"citizenship", {}, true},
      {"decided_by", Listed("decision_maker")},
      {"education", Listed("education")},
      {"gender", Listed("gender", CodesOf("gender_group"))},
      {"missing_field",
       {"age", "citizenship", "control", "decided_by", "exploitation", "gender",
        "industry", "none", "recruitment", "sex_exploitation", "status"},
       true},
      {"services_needed", Listed("plan_type"), true},
      {"sex", {"female", "male", "other", kUnknownCode}},
      {"status", Listed("trafficking_status")},
      {"years_to_registration", {"0", "1-2", "3-5", "6+", kUnknownCode}},
  };
}

}  // namespace

const std::vector<TableColumn>& AllTableColumns() {
  static const auto* columns = [] {
    auto* all = new std::vector<TableColumn>(PersonColumns());
    for (TableColumn& column : ExploitationColumns()) {
      all->push_back(std::move(column));
    }
    std::sort(all->begin(), all->end(),
              [](const TableColumn& a, const TableColumn& b) {
                return a.name < b.name;
              });
    return all;
  }();
  return *columns;
}

const TableColumn* FindTableColumn(absl::string_view name) {
  const auto& columns = AllTableColumns();
  const auto found =
      std::find_if(columns.begin(), columns.end(),
                   [name](const TableColumn& c) { return c.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

size_t TableColumnIndex(absl::string_view name) {
  return static_cast<size_t>(FindTableColumn(name) - AllTableColumns().data());
}

}  // namespace comity
