#include "node/wire/ctdc_row.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "node/domain/code_lists.h"
#include "node/domain/country_codes.h"

namespace comity {
namespace {

using Kind = CtdcColumn::Kind;
using Place = CtdcMeaning::Place;
using record::v1::CaseRecord;

constexpr const char* kDissolved = "the country became several";

template <typename Repeated>
void AddOnce(const char* code, Repeated& codes) {
  if (std::find(codes.begin(), codes.end(), code) == codes.end()) {
    *codes.Add() = code;
  }
}

// Puts `code` into a field that holds one; returns why it could not.
std::string SetOnce(const char* code, std::string& field) {
  if (field.empty()) field = code;
  return field == code ? "" : "the record has room for one, and has another";
}

// A file that says two things of one age is believed in neither.
std::string SetAgeClass(const char* age_class, CaseRecord& record) {
  if (record.x_age_class().empty()) record.set_x_age_class(age_class);
  if (record.x_age_class() == age_class) return "";
  record.clear_x_age_class();
  record.clear_x_age_band();
  return "it contradicts the row's other age, and neither is kept";
}

std::string SetAgeBand(const char* band, CaseRecord& record) {
  const bool child =
      absl::string_view(band) == "0-8" || absl::string_view(band) == "9-17";
  record.set_x_age_band(band);
  return SetAgeClass(child ? "Child" : "Adult", record);
}

// The first relation that the standard knows stands in its field.
void AddRecruiter(const char* relation, CaseRecord& record) {
  if (record.vic_relationship_to_trafficker().empty() &&
      !CodeFor("relationship", relation).empty()) {
    record.set_vic_relationship_to_trafficker(relation);
  } else if (record.vic_relationship_to_trafficker() != relation) {
    AddOnce(relation, *record.mutable_x_recruiter_relations());
  }
}

// The first industry stands in the standard's field, which has room for one.
void AddIndustry(const char* industry, CaseRecord& record) {
  if (record.vic_forced_labour_industry().empty()) {
    record.set_vic_forced_labour_industry(industry);
  } else if (record.vic_forced_labour_industry() != industry) {
    AddOnce(industry, *record.mutable_x_further_industries());
  }
}

// Returns why the record has no place for it, or nothing.
std::string Put(const CtdcMeaning& meaning, CaseRecord& record) {
  const char* code = meaning.code;
  switch (meaning.place) {
    case Place::kNowhere:
      return code;
    case Place::kAgeBand:
      return SetAgeBand(code, record);
    case Place::kAgeClass:
      return SetAgeClass(code, record);
    case Place::kControl:
      AddOnce(code, *record.mutable_vic_methods_of_control());
      return "";
    case Place::kControlGroup:
      AddOnce(code, *record.mutable_x_control_groups());
      return "";
    case Place::kDuration:
      return SetOnce(code, *record.mutable_x_trafficking_duration());
    case Place::kExploitation:
      AddOnce(code, *record.mutable_vic_type_of_exploitation());
      return "";
    case Place::kGender:
      return SetOnce(code, *record.mutable_prs_gender());
    case Place::kGenderGroup:
      return SetOnce(code, *record.mutable_x_gender_group());
    case Place::kIndustry:
      AddIndustry(code, record);
      return "";
    case Place::kIntimatePartner:
      record.set_x_intimate_partner(true);
      return "";
    case Place::kRecruiter:
      AddRecruiter(code, record);
      return "";
    case Place::kSex:
      return SetOnce(code, *record.mutable_x_sex());
    case Place::kSexExploitation:
      AddOnce(code, *record.mutable_vic_type_of_sex_exploitation());
      return "";
    case Place::kSource:
      record.set_x_provenance(absl::StrCat(record.x_provenance(), ", ", code));
      return "";
  }
  return "";
}

// ISO 3166 alpha-2 of a country as CTDC's releases write it; empty if it is
// none, or is none any more.
std::string CountryOf(absl::string_view text) {
  if (text == "ZR" || text == "ZAR") return "CD";
  if (text == "Y2") return "ME";
  return text.size() == 2 ? CodeFor("country", text) : CountryOfAlpha3(text);
}

void ReadCountry(const CtdcColumn& column, absl::string_view name,
                 const std::string& text, ImportRow& row) {
  if (text == "00" || text == "0") return;  // a spreadsheet makes 0 of 00
  const std::string code = CountryOf(text);
  if (!code.empty() && column.kind == Kind::kCitizenship) {
    row.record.add_prs_citizenship(code);
  } else if (!code.empty()) {
    auto* event = row.record.add_events();
    event->set_hte_type("Exploitation");
    event->set_hte_country(code);
  } else if (text == "AN" || text == "ANT") {
    row.unplaced.push_back({std::string(name), text, kDissolved});
  } else {
    row.faults.push_back({std::string(name), text, "not a country",
                          "an ISO 3166 code of two or three letters"});
  }
}

void ReadYear(absl::string_view name, const std::string& text, ImportRow& row) {
  const bool year =
      text.size() == 4 && std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c));
      });
  if (year) {
    row.record.set_x_registered_on(text);
  } else {
    row.faults.push_back({std::string(name), text, "not a year", "YYYY"});
  }
}

void ReadCode(const CtdcDialect& dialect, const CtdcColumn& column,
              absl::string_view name, const std::string& text, ImportRow& row) {
  const std::string key = CtdcKey(text);
  const auto code =
      std::find_if(column.codes.begin(), column.codes.end(),
                   [&key](const CtdcCode& each) { return each.key == key; });
  if (code == column.codes.end()) {
    std::string allowed;
    for (const CtdcCode& each : column.codes) {
      absl::StrAppend(&allowed, allowed.empty() ? "" : ", ", each.spelling);
    }
    row.faults.push_back({std::string(name), text,
                          absl::StrCat("not a code of ", dialect.name),
                          std::move(allowed)});
    return;
  }
  for (const CtdcMeaning& meaning : code->meanings) {
    std::string why = Put(meaning, row.record);
    if (why.empty()) continue;
    row.unplaced.push_back({std::string(name), code->spelling, std::move(why)});
  }
}

}  // namespace

void ReadCtdcCell(const CtdcDialect& dialect, const CtdcColumn& column,
                  absl::string_view name, absl::string_view cell,
                  ImportRow& row) {
  const std::string text(absl::StripAsciiWhitespace(cell));
  if (std::find(dialect.missing.begin(), dialect.missing.end(), text) !=
      dialect.missing.end()) {
    return;
  }
  switch (column.kind) {
    case Kind::kCodes:
      ReadCode(dialect, column, name, text, row);
      return;
    case Kind::kYear:
      ReadYear(name, text, row);
      return;
    case Kind::kCitizenship:
    case Kind::kExploitationCountry:
      ReadCountry(column, name, text, row);
      return;
    case Kind::kText:
      row.unplaced.push_back(
          {std::string(name), "", "a text that no field is for"});
      return;
  }
}

}  // namespace comity
