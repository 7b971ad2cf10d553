#include "node/domain/code_lists.h"

#include <algorithm>
#include <initializer_list>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace comity {
namespace {

// HTCDS 2.0 identifiers (IOM, CC BY 4.0), ISO 3166 alpha-2, and lists of ours.
using Codes = std::vector<std::string>;

struct CodeList {
  const char* name;
  std::initializer_list<const char*> codes;
};
constexpr std::initializer_list<CodeList> kLists = {
    {"age_class",
     {
         "Child",
         "Adult",
         "Disputed",
     }},
    {"app",
     {
         "Facebook",
         "Instagram",
         "WhatsApp",
         "Telegram",
         "FacebookMessenger",
         "Viber",
         "SnapChat",
         "Line",
         "4Sale",
         "WeChat",
         "QQ",
         "QZone",
         "TikTok",
         "Twitter",
         "Other",
     }},
    {"case_status",
     {
         "Active",
         "FollowUp",
         "Closed",
         "ClosedReferred",
     }},
    {"control",
     {
         "PhysicalThreats",
         "ThreatsLawEnforcement",
         "ThreatensChildrenFamily",
         "DebtBondage",
         "FalsePromises",
         "PhysicalAbuse",
         "SexualAbuse",
         "TakesEarnings",
         "RestrictsFinancialAccess",
         "RestrictsMedicalCare",
         "WithholdsNecessities",
         "PsychologicalAbuse",
         "PsychoactiveSubstance",
         "ExcessiveWorkingHours",
         "WithholdsDocuments",
         "Other",
     }},
    {"control_group",
     {"DebtBondageOrTakesEarnings", "AnyThreat", "AnyAbuse", "AnyDenialOfNeeds",
      "RestrictsMovement"}},
    {"country",
     {
         "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT",
         "AU", "AW", "AX", "AZ", "BA", "BB", "BD", "BE", "BF", "BG", "BH", "BI",
         "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY",
         "BZ", "CA", "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN",
         "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE", "DJ", "DK", "DM",
         "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK",
         "FM", "FO", "FR", "GA", "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL",
         "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK", "HM",
         "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR",
         "IS", "IT", "JE", "JM", "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN",
         "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LI", "LK", "LR", "LS",
         "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK",
         "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS", "MT", "MU", "MV", "MW",
         "MX", "MY", "MZ", "NA", "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP",
         "NR", "NU", "NZ", "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM",
         "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS", "RU", "RW",
         "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI", "SJ", "SK", "SL", "SM",
         "SN", "SO", "SR", "SS", "ST", "SV", "SX", "SY", "SZ", "TC", "TD", "TF",
         "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW",
         "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI",
         "VN", "VU", "WF", "WS", "YE", "YT", "ZA", "ZM", "ZW", "XK",
     }},
    {"decision_maker",
     {
         "Police",
         "NGO",
         "CourtOrProsecution",
         "NonPoliceGovernmentalOrganization",
         "Other",
     }},
    {"duration", {"0-12 months", "13-24 months", "25+ months"}},
    {"education",
     {
         "EarlyChildhoodEducation",
         "PrimaryEducation",
         "LowerSecondaryEducation",
         "UpperSecondaryEducation",
         "PostSecondaryNonTertiaryEducation",
         "ShortCycleTertiaryEducation",
         "BachelorsOrEquivalentLevel",
         "MastersOrEquivalentLevel",
         "DoctoralOrEquivalentLevel",
     }},
    {"event_type",
     {
         "Recruitment",
         "Transit",
         "Exploitation",
     }},
    {"exploitation",
     {
         "ForcedLabour",
         "SexualExploitation",
         "ChildLabour",
         "ForcedMarriage",
         "Servitude",
         "ForcedMilitaryByNonStateActors",
         "OrganRemoval",
         "ForcedBegging",
         "ForcedAdoption",
         "Surrogacy",
         "Other",
     }},
    {"gender",
     {
         "Feminine",
         "Masculine",
         "TransgenderFeminine",
         "TransgenderMasculine",
         "NonConforming",
         "NonSpecifiedUnknown",
     }},
    {"gender_group", {"TransgenderOrNonConforming"}},
    {"industry",
     {
         "A_AgricultureForestryAndFishing",
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
     }},
    {"marital_status",
     {
         "Single",
         "Married",
         "Widowed",
         "Divorced",
         "Separated",
         "RegisteredPartnership",
     }},
    {"mechanism_stage",
     {
         "Identification",
         "FirstAssistance",
         "LongerTermAssistance",
         "ReturnAndInclusion",
         "Proceedings",
     }},
    {"migration_status",
     {
         "Family",
         "Visitor",
         "Labour",
         "Student",
         "Irregular",
         "AsylumSeeker",
         "Refugee",
         "ComplementaryProtection",
         "Stateless",
         "Other",
     }},
    {"organisation_type",
     {
         "NGO",
         "LawEnforcement",
         "HealthServiceOrganisation",
         "CentralGovernmentOrganisation",
         "LocalGovernmentOrganisation",
         "ImmigrationService",
         "LegalService",
         "CorporateBusiness",
         "SchoolOrCollege",
     }},
    {"perpetrator_role",
     {
         "TravellingPartner",
         "Transporter",
         "RecruiterOrIntermediary",
         "BrokerTravelAgent",
         "TransferredIndividual",
         "HarbouredIndividual",
         "SoldIndividual",
         "BoughtIndividual",
         "ReceivedIndividual",
         "ControlledIndividual",
         "Smuggler",
         "Abuser",
         "Kidnapper",
         "Exploiter",
         "Other",
     }},
    {"plan_type",
     {
         "Education",
         "Financial",
         "Health",
         "LabourExploitationRehabilitation",
         "Legal",
         "Livelihood",
         "RightsBasedTraining",
         "SexualExploitationRehabilitation",
         "SocialCare /",
     }},
    {"recruiter_relation", {"Familial", "Acquainted", "Unaquainted", "Other"}},
    {"recruitment",
     {
         "AtAPlaceOfBusiness",
         "AtAnEducationalInstitution",
         "AtWork",
         "ThroughOnlineSocialNetworks",
         "ThroughAnOnlineAdvertisement",
         "ThroughATelevisionAdvert",
         "ThroughANewspaperAdvert",
         "ThroughFamilyOrFamilyEvents",
         "ThroughFriendsOrSocialEvents",
         "Other",
     }},
    {"referral_reason",
     {
         "AdditionalServicesRequired",
         "MigrationOrChangeOfLocation",
         "Other",
     }},
    {"relationship",
     {
         "Familial",
         "Acquainted",
         "Unaquainted",
     }},
    {"risk",
     {
         "Family",
         "TraffickerAtLarge",
     }},
    {"sex",
     {
         "Female",
         "Male",
         "Other",
         "Unknown",
     }},
    {"sexual_exploitation",
     {
         "Prostitution",
         "Pornography",
         "RemoteInteractiveServices",
         "PrivateSexualServices",
     }},
    {"trafficking_status",
     {
         "PossibleVictimOfTrafficking",
         "ActualVictimOfTrafficking",
         "NotAVictimOfTrafficking",
     }},
    {"urgency",
     {
         "Low",
         "Medium",
         "High",
     }},
    {"vulnerability",
     {
         "Addiction",
         "SocialGroup",
         "Discrimination",
         "Poverty",
         "DisabilityAndPhysicalHealth",
         "MentalHealth",
         "Migration",
         "Homelessness",
         "AbuseSocialMedia",
         "AbusePhysical",
         "Education",
         "WorkEnvironment",
     }},
};

const std::map<std::string, Codes, std::less<>>& Lists() {
  static const auto* lists = [] {
    auto* by_name = new std::map<std::string, Codes, std::less<>>();
    for (const CodeList& list : kLists) {
      by_name->emplace(list.name, Codes(list.codes.begin(), list.codes.end()));
    }
    return by_name;
  }();
  return *lists;
}

// Spellings of the standard's other documents and of the survey form
// (domain.md section 2), by list and lower-case text without underscores.
const std::map<std::string, std::string, std::less<>>& Aliases() {
  static const auto* aliases =
      new std::map<std::string, std::string, std::less<>>{
          {"control/psychoactivesubstances", "PsychoactiveSubstance"},
          {"control/threats", "PhysicalThreats"},
          {"control/threatoflawenforcement", "ThreatsLawEnforcement"},
          {"control/useschildren", "ThreatensChildrenFamily"},
          {"control/restrictsmovement", "Other"},
          {"gender/man", "Masculine"},
          {"gender/woman", "Feminine"},
          {"gender/male", "Masculine"},
          {"gender/female", "Feminine"},
          {"relationship/unacquainted", "Unaquainted"},
      };
  return *aliases;
}

std::string Folded(absl::string_view text) {
  std::string folded;
  for (const char c : text) {
    if (c != '_' && c != ' ') {
      folded.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    }
  }
  return folded;
}

}  // namespace

const std::vector<std::string>& CodesOf(absl::string_view list) {
  static const auto* none = new Codes();
  const auto found = Lists().find(list);
  return found == Lists().end() ? *none : found->second;
}

std::string CodeFor(absl::string_view list, absl::string_view text) {
  const std::string folded = Folded(absl::StripAsciiWhitespace(text));
  for (const std::string& code : CodesOf(list)) {
    if (Folded(code) == folded) return code;
  }
  // An industry is matched by its ISIC section letter alone.
  if (list == "industry" && folded.size() == 1) {
    for (const std::string& code : CodesOf(list)) {
      if (Folded(code)[0] == folded[0]) return code;
    }
  }
  const auto alias = Aliases().find(absl::StrCat(list, "/", folded));
  return alias == Aliases().end() ? "" : alias->second;
}

}  // namespace comity
