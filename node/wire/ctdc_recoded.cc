#include "node/wire/ctdc_columns.h"

namespace comity::ctdc {
namespace {

using Place = CtdcMeaning::Place;
using Kind = CtdcColumn::Kind;

constexpr CtdcMeaning kFromMany = {
    Place::kNowhere,
    "it stands for means that the standard keeps apart, unspecified ones too"};
constexpr CtdcMeaning kNoCountry = {Place::kNowhere,
                                    "the file does not name the country"};

}  // namespace

// A copy of the k-anonymised data in which each person has the first of her
// means, recruiters, forms and kinds of labour alone.
CtdcDialect RecodedKanonymised() {
  Columns columns = {
      {"yearOfRegistration", Kind::kYear},
      Codes("Datasource", Sources()),
      Codes("gender", Genders()),
      {"citizenship", Kind::kCitizenship},
      Forms()[0],
      Codes("ControlCategory", {{"Financial", {kFromMany}},
                                {"Threats", {kFromMany}},
                                {"Survival", {kFromMany}},
                                {"Physical", {kFromMany}},
                                {"Other", {kFromMany}}}),
      Codes(
          "RecruiterCategory",
          {{"Intimate Partner", {{Place::kIntimatePartner, "IntimatePartner"}}},
           {"Friend/Acquaintance", {{Place::kRecruiter, "Acquainted"}}},
           {"Family/Relative", {{Place::kRecruiter, "Familial"}}},
           {"Other", {{Place::kRecruiter, "Other"}}}}),
      Codes("ExploitType",
            {{"Forced Labor", {{Place::kExploitation, "ForcedLabour"}}},
             {"Sexual Exploitation",
              {{Place::kExploitation, "SexualExploitation"}}},
             {"Forced Marriage", {{Place::kExploitation, "ForcedMarriage"}}},
             {"Other", {{Place::kExploitation, "Other"}}}}),
      Codes("Labor_Type",
            {{"Agriculture", {{Place::kIndustry, kAgriculture}}},
             {"Aquafarming", {{Place::kIndustry, kAgriculture}}},
             {"Begging", {{Place::kExploitation, "ForcedBegging"}}},
             {"Construction", {{Place::kIndustry, kConstruction}}},
             {"Domestic Work", {{Place::kIndustry, kHouseholds}}},
             {"Manufacturing", {{Place::kIndustry, kManufacturing}}},
             {"Peddling", {{Place::kIndustry, kTrade}}},
             {"Other", {kNoIndustry}}}),
      Codes("ageCategories", AgeBands("Age ")),
  };
  return {"ctdc-kanon-recoded",
          "CTDC k-anonymised data, recoded",
          {"", "-99", "Unknown", "Not Specified"},
          std::move(columns)};
}

// A copy of the synthetic data in numbers, in which 0 is missing as well as no.
// A person who is neither "Woman" nor the other column may be a man or not
// recorded; both columns together tell no sex.
CtdcDialect RecodedSynthetic() {
  Columns columns = {
      Codes("Age Band", {{"1", {{Place::kAgeBand, "0-8"}}},
                         {"2", {{Place::kAgeBand, "9-17"}}},
                         {"3", {{Place::kAgeBand, "18-20"}}},
                         {"4", {{Place::kAgeBand, "21-23"}}},
                         {"5", {{Place::kAgeBand, "24-26"}}},
                         {"6", {{Place::kAgeBand, "27-29"}}},
                         {"7", {{Place::kAgeBand, "30-38"}}},
                         {"8", {{Place::kAgeBand, "39-47"}}},
                         {"9", {{Place::kAgeBand, "48+"}}}}),
      Codes("Trafficking Duration",
            {{"1", {{Place::kDuration, "0-12 months"}}},
             {"2", {{Place::kDuration, "13-24 months"}}},
             {"3", {{Place::kDuration, "25+ months"}}}}),
  };
  Append(MergedMeans({"Means Debt Bondage Earnings", "Means Threats",
                      "Means Abuse", "Means False Promises",
                      "Means Drugs Alcohol", "Means Deny Basic Needs",
                      "Means Excessive Work Hours", "Means Withhold Docs"}),
         columns);
  Append({Forms()[0], Forms()[1]}, columns);
  Append(Recruiters({"Recruiter Relation Intimate Partner",
                     "Recruiter Relation Friend", "Recruiter Relation Family",
                     "Recruiter Relation Other"}),
         columns);
  Append({Flag("Trans/NonConforming",
               {{Place::kGenderGroup, "TransgenderOrNonConforming"}}),
          Flag("Woman", {{Place::kGender, "Feminine"}}),
          Flag("Is Citizen of Country", {kNoCountry})},
         columns);
  return {"ctdc-synthetic-recoded",
          "CTDC synthetic data, recoded",
          {"", "0"},
          std::move(columns)};
}

}  // namespace comity::ctdc
