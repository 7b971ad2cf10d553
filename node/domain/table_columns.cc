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
      {"industries", Listed("industry"), true},
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
      {"mechanism_stage", Listed("mechanism_stage")},
      {"missing_field",
       {"age", "citizenship", "control", "decided_by", "exploitation", "gender",
        "industry", "none", "recruitment", "sex_exploitation", "status"},
       true},
      {"services_needed", Listed("plan_type"), true},
      {"sex", {"female", "male", "other", kUnknownCode}},
      {"statement", {"recorded", kUnknownCode}},
      {"status", Listed("trafficking_status")},
      {"years_to_registration", {"0", "1-2", "3-5", "6+", kUnknownCode}},
  };
}

// How a referral went, as the side that counts it has it.
std::vector<TableColumn> ReferralColumns() {
  std::vector<TableColumn> columns = {
      {"acceptance_time",
       {"0-2 working days", "11+ working days", "3-5 working days",
        "6-10 working days", kUnknownCode}},
      {"assistance_time",
       {"0-7 days", "15-30 days", "31+ days", "8-14 days", kUnknownCode}},
      {"decision", {"accepted", "declined", kUnknownCode}},
      {"decline_reason",
       {"NOT_ELIGIBLE", "NO_CAPACITY", "OTHER", "OUTSIDE_AGREEMENT", "UNSAFE",
        kUnknownCode}},
      {"erasure_answer", {"in time", "late", "missing", kUnknownCode}},
      {"handover_receipt", {"in time", "late", "missing", kUnknownCode}},
      {"lane", {"emergency", "ordinary"}},
      {"outcome",
       {"DECEASED", "INCLUDED", "LOST_CONTACT", "MIGRATED", "OTHER",
        "TRAFFICKED_AGAIN", kUnknownCode}},
      {"partner", {}},
      {"referral_event",
       {"ACCEPTED", "ALARM_RAISED", "ASSISTANCE_BEGUN", "CANCELLED", "CLOSED",
        "DECLINED", "DEPARTED", "EXPIRED", "FOLLOW_UP", "HANDED_OVER",
        "INFO_REQUESTED", "RETURN_SCHEDULED", "SENT"},
       true},
      {"referral_reason",
       {"AdditionalServicesRequired", "MigrationOrChangeOfLocation", "Other",
        kUnknownCode}},
      {"sent_quarter", {"Q1", "Q2", "Q3", "Q4"}},
  };
  for (const char* days :
       {"acceptance_days", "assistance_days", "handover_days"}) {
    columns.push_back({days, {}});
    columns.back().measured = true;
  }
  for (TableColumn& column : columns) column.unit = CountedUnit::kReferral;
  return columns;
}

}  // namespace

const std::vector<TableColumn>& AllTableColumns() {
  static const auto* columns = [] {
    auto* all = new std::vector<TableColumn>(PersonColumns());
    for (const auto& more : {ExploitationColumns(), ReferralColumns()}) {
      all->insert(all->end(), more.begin(), more.end());
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
