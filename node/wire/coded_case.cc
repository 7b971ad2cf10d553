#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "node/domain/table_columns.h"
#include "node/wire/case_record.h"

namespace comity {
namespace {

using record::v1::CaseRecord;
using Codes = std::vector<std::string>;

int YearOf(absl::string_view date) {
  int year = 0;
  return absl::SimpleAtoi(date.substr(0, 4), &year) ? year : 0;
}

Codes OrUnknown(Codes codes) {
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  std::erase(codes, "");
  if (codes.empty()) codes.emplace_back(kUnknownCode);
  return codes;
}

template <typename Repeated>
Codes Texts(const Repeated& list) {
  return OrUnknown({list.begin(), list.end()});
}

std::string AgeGroup(const CaseRecord& record) {
  const std::optional<AgeClass> age = RecordFactsOf(record).age;
  if (!age.has_value()) return kUnknownCode;
  if (*age == AgeClass::kAgeDisputed) return "disputed";
  return *age == AgeClass::kChild ? "0-17" : "18+";
}

// CTDC's bands (domain.md 3.1).
std::string AgeBand(uint32_t age) {
  constexpr std::array<std::pair<uint32_t, const char*>, 8> kBands = {
      {{8, "0-8"},
       {17, "9-17"},
       {20, "18-20"},
       {23, "21-23"},
       {26, "24-26"},
       {29, "27-29"},
       {38, "30-38"},
       {47, "39-47"}}};
  for (const auto& [last, name] : kBands) {
    if (age <= last) return name;
  }
  return "48+";
}

// A band that is one of CTDC's counts where the age itself is not known; bands
// of other widths say nothing here.
std::string BroadAge(const CaseRecord& record) {
  if (record.has_x_age_at_registration()) {
    return AgeBand(record.x_age_at_registration());
  }
  const auto& bands = FindTableColumn("age_broad")->codes;
  return std::find(bands.begin(), bands.end(), record.x_age_band()) ==
                 bands.end()
             ? kUnknownCode
             : record.x_age_band();
}

// How long after she was trafficked she was registered; two ages that
// contradict each other say nothing.
std::string YearsToRegistration(const CaseRecord& record) {
  if (!record.has_x_age_at_registration() ||
      !record.has_vic_age_when_trafficked() ||
      record.x_age_at_registration() < record.vic_age_when_trafficked()) {
    return kUnknownCode;
  }
  const uint32_t years =
      record.x_age_at_registration() - record.vic_age_when_trafficked();
  if (years == 0) return "0";
  if (years <= 2) return "1-2";
  return years <= 5 ? "3-5" : "6+";
}

std::set<std::string> Countries(const CaseRecord& record, const char* type) {
  std::set<std::string> countries;
  for (const auto& event : record.events()) {
    if (event.hte_type() == type && !event.hte_country().empty()) {
      countries.insert(event.hte_country());
    }
  }
  return countries;
}

std::string Border(const CaseRecord& record) {
  const std::set<std::string> from = Countries(record, "Recruitment");
  const std::set<std::string> to = Countries(record, "Exploitation");
  if (from.empty() || to.empty()) return kUnknownCode;
  return std::includes(from.begin(), from.end(), to.begin(), to.end())
             ? "internal"
             : "cross-border";
}

// Months since year 0; nullopt if the month is not known.
std::optional<int> MonthOf(const std::string& date) {
  int year = 0;
  int month = 0;
  if (date.size() < 7 || !absl::SimpleAtoi(date.substr(0, 4), &year) ||
      !absl::SimpleAtoi(date.substr(5, 2), &month)) {
    return std::nullopt;
  }
  return year * 12 + month;
}

// The span of the exploitation's dates; one date has none, and then what was
// recorded of the span itself counts.
std::string Duration(const CaseRecord& record) {
  std::set<int> months;
  int dates = 0;
  for (const auto& event : record.events()) {
    if (event.hte_type() != "Exploitation") continue;
    const std::optional<int> month = MonthOf(event.hte_date());
    if (!month.has_value()) continue;
    months.insert(*month);
    ++dates;
  }
  if (dates < 2) {
    return record.x_trafficking_duration().empty()
               ? kUnknownCode
               : record.x_trafficking_duration();
  }
  const int span = *months.rbegin() - *months.begin();
  if (span <= 12) return "0-12 months";
  return span <= 24 ? "13-24 months" : "25+ months";
}

Codes Recruiters(const CaseRecord& record) {
  Codes codes = {record.x_recruiter_relations().begin(),
                 record.x_recruiter_relations().end()};
  codes.push_back(record.vic_relationship_to_trafficker());
  if (record.x_intimate_partner()) codes.emplace_back("IntimatePartner");
  return OrUnknown(std::move(codes));
}

// The industry of the standard and those beside it.
Codes Industries(const CaseRecord& record) {
  Codes codes = {record.x_further_industries().begin(),
                 record.x_further_industries().end()};
  codes.push_back(record.vic_forced_labour_industry());
  return OrUnknown(std::move(codes));
}

Codes MeansOfControl(const CaseRecord& record) {
  Codes codes = {record.vic_methods_of_control().begin(),
                 record.vic_methods_of_control().end()};
  codes.insert(codes.end(), record.x_control_groups().begin(),
               record.x_control_groups().end());
  return OrUnknown(std::move(codes));
}

std::string Gender(const CaseRecord& record) {
  return record.prs_gender().empty() ? record.x_gender_group()
                                     : record.prs_gender();
}

Codes Assistance(const CaseRecord& record) {
  Codes codes;
  for (const auto& plan : record.plans()) codes.push_back(plan.spl_type());
  return OrUnknown(std::move(codes));
}

bool Suffered(const CaseRecord& record, const char* form) {
  const auto& forms = record.vic_type_of_exploitation();
  return std::find(forms.begin(), forms.end(), form) != forms.end();
}

// The core fields of the standard that are not recorded and could be: an
// industry belongs to forced labour, a kind of sexual exploitation to that.
Codes MissingFields(const CaseRecord& record) {
  Codes missing;
  const auto need = [&](const char* field, bool known) {
    if (!known) missing.emplace_back(field);
  };
  need("age", RecordFactsOf(record).age.has_value());
  need("citizenship", record.prs_citizenship_size() > 0);
  need("control", record.vic_methods_of_control_size() > 0 ||
                      record.x_control_groups_size() > 0);
  need("decided_by",
       !record.vic_trafficking_status_decision_making_org().empty());
  need("exploitation", record.vic_type_of_exploitation_size() > 0);
  need("gender", !Gender(record).empty());
  need("industry", !record.vic_forced_labour_industry().empty() ||
                       record.x_further_industries_size() > 0 ||
                       !Suffered(record, "ForcedLabour"));
  need("recruitment", record.vic_method_of_recruitment_size() > 0);
  need("sex_exploitation", record.vic_type_of_sex_exploitation_size() > 0 ||
                               !Suffered(record, "SexualExploitation"));
  need("status", !record.vic_trafficking_status().empty());
  if (missing.empty()) missing.emplace_back("none");
  return missing;
}

// Whether she gave a statement, as far as the record says where it is kept:
// that it says nothing does not mean that she gave none.
std::string Statement(const CaseRecord& record) {
  return record.x_testimony_reference().empty() ? kUnknownCode : "recorded";
}

void AddPerson(const CaseRecord& record, CodedCase& coded) {
  auto& columns = coded.columns;
  columns["age_broad"] = {BroadAge(record)};
  columns["age_group"] = {AgeGroup(record)};
  columns["age_when_trafficked"] = {
      record.has_vic_age_when_trafficked()
          ? AgeBand(record.vic_age_when_trafficked())
          : kUnknownCode};
  columns["assistance"] = Assistance(record);
  columns["citizenship"] = Texts(record.prs_citizenship());
  columns["decided_by"] =
      OrUnknown({record.vic_trafficking_status_decision_making_org()});
  columns["education"] = OrUnknown({record.prs_highest_level_of_education()});
  columns["gender"] = OrUnknown({Gender(record)});
  columns["mechanism_stage"] = OrUnknown({record.x_mechanism_stage()});
  columns["missing_field"] = MissingFields(record);
  columns["services_needed"] = Texts(record.x_services_needed());
  columns["sex"] = OrUnknown({absl::AsciiStrToLower(record.x_sex())});
  columns["statement"] = {Statement(record)};
  columns["status"] = OrUnknown({record.vic_trafficking_status()});
  columns["years_to_registration"] = {YearsToRegistration(record)};
}

void AddExploitation(const CaseRecord& record, CodedCase& coded) {
  auto& columns = coded.columns;
  columns["border"] = {Border(record)};
  columns["control"] = MeansOfControl(record);
  columns["duration"] = {Duration(record)};
  columns["exploitation"] = Texts(record.vic_type_of_exploitation());
  columns["exploitation_country"] = Texts(Countries(record, "Exploitation"));
  columns["industries"] = Industries(record);
  columns["industry"] = OrUnknown({record.vic_forced_labour_industry()});
  columns["recruiter"] = Recruiters(record);
  columns["recruitment"] = Texts(record.vic_method_of_recruitment());
  columns["sex_exploitation"] = Texts(record.vic_type_of_sex_exploitation());
}

}  // namespace

CodedCase CodedCaseOf(const CaseRecord& record) {
  CodedCase coded;
  coded.year = YearOf(record.x_registered_on());
  AddPerson(record, coded);
  AddExploitation(record, coded);
  return coded;
}

}  // namespace comity
