#include "node/domain/table_columns.h"

#include <algorithm>

namespace comity {

const std::vector<TableColumn>& AllTableColumns() {
  static const auto* columns = new std::vector<TableColumn>{
      {"age_broad",
       {"0-8", "18-20", "21-23", "24-26", "27-29", "30-38", "39-47", "48+",
        "9-17", kUnknownCode}},
      {"age_group", {"0-17", "18+", "disputed", kUnknownCode}},
      {"citizenship", {}, true},
      {"decided_by",
       {"CourtOrProsecution", "NGO", "NonPoliceGovernmentalOrganization",
        "Other", "Police", kUnknownCode}},
      {"exploitation",
       {"ChildLabour", "ForcedAdoption", "ForcedBegging", "ForcedLabour",
        "ForcedMarriage", "ForcedMilitaryByNonStateActors", "OrganRemoval",
        "Other", "Servitude", "SexualExploitation", "Surrogacy", kUnknownCode},
       true},
      {"exploitation_country", {}, true},
      {"gender",
       {"Feminine", "Masculine", "NonConforming", "NonSpecifiedUnknown",
        "TransgenderFeminine", "TransgenderMasculine", kUnknownCode}},
      {"sex", {"female", "male", "other", kUnknownCode}},
      {"status",
       {"ActualVictimOfTrafficking", "NotAVictimOfTrafficking",
        "PossibleVictimOfTrafficking", kUnknownCode}},
  };
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
