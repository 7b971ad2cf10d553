#include "node/wire/ctdc_columns.h"

#include <utility>

namespace comity::ctdc {

using Place = CtdcMeaning::Place;
using Kind = CtdcColumn::Kind;

CtdcColumn Flag(const char* name, Meanings meanings, const char* also) {
  return {name, Kind::kCodes, {{"1", std::move(meanings)}, {"0", {}}}, also};
}

CtdcColumn Codes(const char* name, std::vector<CtdcCode> codes) {
  return {name, Kind::kCodes, std::move(codes)};
}

std::vector<CtdcCode> AgeBands(const std::string& prefix) {
  std::vector<CtdcCode> codes = {
      {prefix + "09-17", {{Place::kAgeBand, "9-17"}}}};
  for (const char* band : {"0-8", "9-17", "18-20", "21-23", "24-26", "27-29",
                           "30-38", "39-47", "48+"}) {
    codes.push_back({prefix + band, {{Place::kAgeBand, band}}});
  }
  return codes;
}

std::vector<CtdcCode> Genders() {
  return {
      {"Female", {{Place::kGender, "Feminine"}, {Place::kSex, "Female"}}},
      {"Male", {{Place::kGender, "Masculine"}, {Place::kSex, "Male"}}},
      {"Woman", {{Place::kGender, "Feminine"}}},
      {"Man", {{Place::kGender, "Masculine"}}},
      {"Trans/Transgender/NonConforming",
       {{Place::kGenderGroup, "TransgenderOrNonConforming"}}},
      {"Transgender", {{Place::kGenderGroup, "TransgenderOrNonConforming"}}},
  };
}

std::vector<CtdcCode> Sources() {
  return {{"Case Management", {{Place::kSource, "case management"}}},
          {"Hotline", {{Place::kSource, "hotline"}}}};
}

void Append(Columns more, Columns& columns) {
  for (CtdcColumn& column : more) columns.push_back(std::move(column));
}

Columns MergedMeans(const std::vector<const char*>& names) {
  return {
      Flag(names[0], {{Place::kControlGroup, "DebtBondageOrTakesEarnings"}}),
      Flag(names[1], {{Place::kControlGroup, "AnyThreat"}}),
      Flag(names[2], {{Place::kControlGroup, "AnyAbuse"}}),
      Flag(names[3], {{Place::kControl, "FalsePromises"}}),
      Flag(names[4], {{Place::kControl, "PsychoactiveSubstance"}}),
      Flag(names[5], {{Place::kControlGroup, "AnyDenialOfNeeds"}}),
      Flag(names[6], {{Place::kControl, "ExcessiveWorkingHours"}}),
      Flag(names[7], {{Place::kControl, "WithholdsDocuments"}}),
  };
}

Columns Forms() {
  return {
      Flag("isForcedLabour", {{Place::kExploitation, "ForcedLabour"}}),
      Flag("isSexualExploit", {{Place::kExploitation, "SexualExploitation"}}),
      Flag("isOtherExploit", {{Place::kExploitation, "Other"}}),
  };
}

Columns Recruiters(const std::vector<const char*>& names) {
  return {
      Flag(names[0], {{Place::kIntimatePartner, "IntimatePartner"}}),
      Flag(names[1], {{Place::kRecruiter, "Acquainted"}}),
      Flag(names[2], {{Place::kRecruiter, "Familial"}}),
      Flag(names[3], {{Place::kRecruiter, "Other"}}),
  };
}

}  // namespace comity::ctdc
