#include "node/wire/ctdc_dialect.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "node/wire/ctdc_columns.h"

namespace comity {
namespace ctdc {
namespace {

using Place = CtdcMeaning::Place;
using Kind = CtdcColumn::Kind;

constexpr CtdcMeaning kNoSexKind = {
    Place::kNowhere, "the standard has no other kind of sexual exploitation"};
constexpr CtdcMeaning kNoAgeAtStart = {
    Place::kNowhere, "the record keeps the age when trafficked in years"};

std::vector<CtdcCode> Majorities(const char* child, const char* adult) {
  return {{"Minor", {{Place::kAgeClass, child}}},
          {"Adult", {{Place::kAgeClass, adult}}}};
}

CtdcColumn MajorityBefore(const char* name) {
  std::vector<CtdcCode> codes = {{"Minor", {kNoAgeAtStart}},
                                 {"Adult", {kNoAgeAtStart}}};
  for (CtdcCode& band : AgeBands("")) {
    codes.push_back({std::move(band.spelling), {kNoAgeAtStart}});
  }
  return Codes(name, std::move(codes));
}

std::vector<CtdcCode> Durations() {
  return {{"0-12 (0-1 yr)", {{Place::kDuration, "0-12 months"}}},
          {"13-24 (1-2 yrs)", {{Place::kDuration, "13-24 months"}}},
          {"25+ (2+ yrs)", {{Place::kDuration, "25+ months"}}}};
}

// The means of control that both older releases have. The second spelling is
// cut at 32 letters.
Columns SeparateMeans() {
  return {
      Flag("meansOfControlDebtBondage", {{Place::kControl, "DebtBondage"}}),
      Flag("meansOfControlTakesEarnings", {{Place::kControl, "TakesEarnings"}}),
      Flag("meansOfControlThreats", {{Place::kControl, "PhysicalThreats"}}),
      Flag("meansOfControlPsychologicalAbuse",
           {{Place::kControl, "PsychologicalAbuse"}}),
      Flag("meansOfControlPhysicalAbuse", {{Place::kControl, "PhysicalAbuse"}}),
      Flag("meansOfControlSexualAbuse", {{Place::kControl, "SexualAbuse"}}),
      Flag("meansOfControlFalsePromises", {{Place::kControl, "FalsePromises"}}),
      Flag("meansOfControlPsychoactiveSubstances",
           {{Place::kControl, "PsychoactiveSubstance"}},
           "meansOfControlPsychoactiveSubsta"),
      Flag("meansOfControlRestrictsMovement",
           {{Place::kControl, "Other"},
            {Place::kControlGroup, "RestrictsMovement"}}),
      Flag("meansOfControlRestrictsMedicalCare",
           {{Place::kControl, "RestrictsMedicalCare"}},
           "meansOfControlRestrictsMedicalCa"),
      Flag("meansOfControlExcessiveWorkingHours",
           {{Place::kControl, "ExcessiveWorkingHours"}},
           "meansOfControlExcessiveWorkingHo"),
      Flag("meansOfControlThreatOfLawEnforcement",
           {{Place::kControl, "ThreatsLawEnforcement"}},
           "meansOfControlThreatOfLawEnforce"),
      Flag("meansOfControlWithholdsNecessities",
           {{Place::kControl, "WithholdsNecessities"}},
           "meansOfControlWithholdsNecessiti"),
      Flag("meansOfControlWithholdsDocuments",
           {{Place::kControl, "WithholdsDocuments"}}),
      Flag("meansOfControlOther", {{Place::kControl, "Other"}}),
  };
}

// The kinds of labour and of sexual exploitation that every release has.
Columns Kinds() {
  return {
      Flag("typeOfLabourAgriculture", {{Place::kIndustry, kAgriculture}}),
      Flag("typeOfLabourConstruction", {{Place::kIndustry, kConstruction}}),
      Flag("typeOfLabourDomesticWork", {{Place::kIndustry, kHouseholds}}),
      Flag("typeOfLabourHospitality", {{Place::kIndustry, kHospitality}}),
      Flag("typeOfSexProstitution",
           {{Place::kSexExploitation, "Prostitution"}}),
      Flag("typeOfSexPornography", {{Place::kSexExploitation, "Pornography"}}),
  };
}

Columns RecruitersAsReleased() {
  return Recruiters({"recruiterRelationIntimatePartner",
                     "recruiterRelationFriend", "recruiterRelationFamily",
                     "recruiterRelationOther"});
}

// What the k-anonymised releases have besides the other ones.
Columns FormsOfTheKanonymised() {
  CtdcColumn slavery = Flag(
      "isSlaveryAndPractices",
      {{Place::kNowhere, "the standard has no code for all such practices"}});
  slavery.optional = true;
  return {
      Flag("isSexAndLabour", {{Place::kExploitation, "ForcedLabour"},
                              {Place::kExploitation, "SexualExploitation"}}),
      Flag("isForcedMarriage", {{Place::kExploitation, "ForcedMarriage"}}),
      Flag("isForcedMilitary",
           {{Place::kExploitation, "ForcedMilitaryByNonStateActors"}}),
      Flag("isOrganRemoval", {{Place::kExploitation, "OrganRemoval"}}),
      std::move(slavery),
      {"typeOfExploitConcatenated", Kind::kText},
      Flag("isAbduction",
           {{Place::kNowhere, "the standard has no field for an abduction"}}),
  };
}

Columns MeansOfTheKanonymised() {
  return {
      Flag("meansOfControlRestrictsFinancialAccess",
           {{Place::kControl, "RestrictsFinancialAccess"}}),
      Flag("meansOfControlUsesChildren",
           {{Place::kControl, "ThreatensChildrenFamily"}}),
      Flag("meansOfControlNotSpecified", {}),
      {"meansOfControlConcatenated", Kind::kText},
  };
}

Columns KindsOfTheKanonymised() {
  return {
      Flag("typeOfLabourAquafarming", {{Place::kIndustry, kAgriculture}}),
      Flag("typeOfLabourBegging", {{Place::kExploitation, "ForcedBegging"}}),
      Flag("typeOfLabourIllicitActivities", {kNoIndustry}),
      Flag("typeOfLabourManufacturing", {{Place::kIndustry, kManufacturing}}),
      Flag("typeOfLabourMiningOrDrilling", {{Place::kIndustry, kMining}}),
      Flag("typeOfLabourPeddling", {{Place::kIndustry, kTrade}}),
      Flag("typeOfLabourTransportation", {{Place::kIndustry, kTransport}}),
      Flag("typeOfLabourOther", {kNoIndustry}),
      Flag("typeOfLabourNotSpecified", {}),
      {"typeOfLabourConcatenated", Kind::kText},
      Flag("typeOfSexRemoteInteractiveServices",
           {{Place::kSexExploitation, "RemoteInteractiveServices"}}),
      Flag("typeOfSexPrivateSexualServices",
           {{Place::kSexExploitation, "PrivateSexualServices"}}),
      {"typeOfSexConcatenated", Kind::kText},
  };
}

CtdcDialect Kanonymised() {
  CtdcColumn row_number = {"", Kind::kText};
  row_number.optional = true;
  Columns columns = {
      std::move(row_number),
      {"yearOfRegistration", Kind::kYear},
      Codes("Datasource", Sources()),
      Codes("gender", Genders()),
      Codes("ageBroad", AgeBands("")),
      Codes("majorityStatus", Majorities("Child", "Adult")),
      MajorityBefore("majorityStatusAtExploit"),
      MajorityBefore("majorityEntry"),
      {"citizenship", Kind::kCitizenship},
  };
  Append(SeparateMeans(), columns);
  Append(MeansOfTheKanonymised(), columns);
  Append(Forms(), columns);
  Append(FormsOfTheKanonymised(), columns);
  Append(Kinds(), columns);
  Append(KindsOfTheKanonymised(), columns);
  Append({{"RecruiterRelationship", Kind::kText},
          {"CountryOfExploitation", Kind::kExploitationCountry}},
         columns);
  Append(RecruitersAsReleased(), columns);
  Append({Flag("recruiterRelationUnknown", {})}, columns);
  return {"ctdc-kanon",
          "CTDC k-anonymised data",
          {"", "-99", "Unknown"},
          std::move(columns)};
}

CtdcDialect FirstSynthetic() {
  Columns columns = {
      {"yearOfRegistration", Kind::kYear},
      Codes("gender", Genders()),
      Codes("ageBroad", AgeBands("")),
      MajorityBefore("majorityStatusAtExploit"),
      Codes("traffickMonths", Durations()),
      {"citizenship", Kind::kCitizenship},
      {"CountryOfExploitation", Kind::kExploitationCountry},
  };
  Append(SeparateMeans(), columns);
  Append(Forms(), columns);
  Append(Kinds(), columns);
  Append({Flag("typeOfLabourOther", {kNoIndustry}),
          Flag("typeOfSexOther", {kNoSexKind})},
         columns);
  Append(RecruitersAsReleased(), columns);
  return {"ctdc-synthetic-2021",
          "CTDC synthetic data of 2021",
          {"", "NULL"},
          std::move(columns)};
}

CtdcDialect Synthetic() {
  Columns columns = {
      {"yearOfRegistration", Kind::kYear},
      Codes("gender", Genders()),
      Codes("ageBroad", AgeBands("")),
      {"citizenship", Kind::kCitizenship},
      {"CountryOfExploitation", Kind::kExploitationCountry},
      Codes("traffickMonths", Durations()),
  };
  Append(MergedMeans({"meansDebtBondageEarnings", "meansThreats",
                      "meansAbusePsyPhySex", "meansFalsePromises",
                      "meansDrugsAlcohol", "meansDenyBasicNeeds",
                      "meansExcessiveWorkHours", "meansWithholdDocs"}),
         columns);
  Append(Forms(), columns);
  Append(Kinds(), columns);
  Append(RecruitersAsReleased(), columns);
  return {"ctdc-synthetic",
          "CTDC synthetic data",
          {"", "NULL"},
          std::move(columns)};
}

}  // namespace
}  // namespace ctdc

std::string CtdcKey(absl::string_view text) {
  // The codebook writes dashes where the files have two hyphens.
  return absl::AsciiStrToLower(absl::StrReplaceAll(
      text, {{"--", "-"}, {"\u2013", "-"}, {"\u2014", "-"}}));
}

const std::vector<CtdcDialect>& CtdcDialects() {
  static const auto* dialects = [] {
    auto* made = new std::vector<CtdcDialect>{
        ctdc::Kanonymised(), ctdc::FirstSynthetic(), ctdc::Synthetic(),
        ctdc::RecodedKanonymised(), ctdc::RecodedSynthetic()};
    for (CtdcDialect& dialect : *made) {
      for (CtdcColumn& column : dialect.columns) {
        for (CtdcCode& code : column.codes) code.key = CtdcKey(code.spelling);
      }
    }
    return made;
  }();
  return *dialects;
}

}  // namespace comity
