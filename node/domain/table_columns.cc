#include "node/domain/table_columns.h"

#include <algorithm>

namespace comity {
namespace {

const std::vector<std::string>& AgeBands() {
  static const auto* bands = new std::vector<std::string>{
      "0-8",   "18-20", "21-23", "24-26", "27-29",
      "30-38", "39-47", "48+",   "9-17",  kUnknownCode};
  return *bands;
}

const std::vector<std::string>& PlanTypes() {
  static const auto* types =
      new std::vector<std::string>{"Education",
                                   "Financial",
                                   "Health",
                                   "LabourExploitationRehabilitation",
                                   "Legal",
                                   "Livelihood",
                                   "RightsBasedTraining",
                                   "SexualExploitationRehabilitation",
                                   "SocialCare /",
                                   kUnknownCode};
  return *types;
}

// What was done to her, and how she came to it.
std::vector<TableColumn> ExploitationColumns() {
  return {
      {"border", {"cross-border", "internal", kUnknownCode}},
      {"control",
       {"DebtBondage", "ExcessiveWorkingHours", "FalsePromises", "Other",
        "PhysicalAbuse", "PhysicalThreats", "PsychoactiveSubstance",
        "PsychologicalAbuse", "RestrictsFinancialAccess",
        "RestrictsMedicalCare", "SexualAbuse", "TakesEarnings",
        "ThreatensChildrenFamily", "ThreatsLawEnforcement",
        "WithholdsDocuments", "WithholdsNecessities", kUnknownCode},
       true},
      {"duration", {"0-12 months", "13-24 months", "25+ months", kUnknownCode}},
      {"exploitation",
       {"ChildLabour", "ForcedAdoption", "ForcedBegging", "ForcedLabour",
        "ForcedMarriage", "ForcedMilitaryByNonStateActors", "OrganRemoval",
        "Other", "Servitude", "SexualExploitation", "Surrogacy", kUnknownCode},
       true},
      {"exploitation_country", {}, true},
      {"industry",
       {"A_AgricultureForestryAndFishing",
        "B_MiningAndQuarrying",
        "C_Manufacturing",
        "D_ElectricityGasSteamAndAirConditioningSupply",
        "E_WaterSupplySewerageWasteManagement",
        "F_Construction",
        "G_WholesaleAndRetailTradeRepairOfMotorVehicles",
        "H_TransportationAndStorage",
        "I_AccommodationAndFoodServiceActivities",
        "J_InformationAndCommunication",
        "K_FinancialAndInsuranceActivities",
        "L_RealEstateActivities",
        "M_ProfessionalScientificAndTechnicalActivities",
        "N_AdministrativeAndSupportServiceActivities",
        "O_PublicAdministrationAndDefence",
        "P_Education",
        "Q_HumanHealthAndSocialWorkActivities",
        "R_ArtsEntertainmentAndRecreation",
        "S_OtherServiceActivities",
        "T_ActivitiesOfHouseholdsAsEmployers",
        "U_ActivitiesOfExtraterritorialOrganizations",
        kUnknownCode}},
      {"recruiter",
       {"Acquainted", "Familial", "IntimatePartner", "Unaquainted",
        kUnknownCode},
       true},
      {"recruitment",
       {"AtAPlaceOfBusiness", "AtAnEducationalInstitution", "AtWork", "Other",
        "ThroughANewspaperAdvert", "ThroughATelevisionAdvert",
        "ThroughAnOnlineAdvertisement", "ThroughFamilyOrFamilyEvents",
        "ThroughFriendsOrSocialEvents", "ThroughOnlineSocialNetworks",
        kUnknownCode},
       true},
      {"sex_exploitation",
       {"Pornography", "PrivateSexualServices", "Prostitution",
        "RemoteInteractiveServices", kUnknownCode},
       true},
  };
}

// Who she is, who found that out, and what she is given.
std::vector<TableColumn> PersonColumns() {
  return {
      {"age_broad", AgeBands()},
      {"age_group", {"0-17", "18+", "disputed", kUnknownCode}},
      {"age_when_trafficked", AgeBands()},
      {"assistance", PlanTypes(), true},
      {"citizenship", {}, true},
      {"decided_by",
       {"CourtOrProsecution", "NGO", "NonPoliceGovernmentalOrganization",
        "Other", "Police", kUnknownCode}},
      {"education",
       {"BachelorsOrEquivalentLevel", "DoctoralOrEquivalentLevel",
        "EarlyChildhoodEducation", "LowerSecondaryEducation",
        "MastersOrEquivalentLevel", "PostSecondaryNonTertiaryEducation",
        "PrimaryEducation", "ShortCycleTertiaryEducation",
        "UpperSecondaryEducation", kUnknownCode}},
      {"gender",
       {"Feminine", "Masculine", "NonConforming", "NonSpecifiedUnknown",
        "TransgenderFeminine", "TransgenderMasculine", kUnknownCode}},
      {"missing_field",
       {"age", "citizenship", "control", "decided_by", "exploitation", "gender",
        "industry", "none", "recruitment", "sex_exploitation", "status"},
       true},
      {"services_needed", PlanTypes(), true},
      {"sex", {"female", "male", "other", kUnknownCode}},
      {"status",
       {"ActualVictimOfTrafficking", "NotAVictimOfTrafficking",
        "PossibleVictimOfTrafficking", kUnknownCode}},
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
