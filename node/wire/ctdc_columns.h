#pragma once

#include <string>
#include <vector>

#include "node/wire/ctdc_dialect.h"

// What the tables of CTDC's dialects are made of; for them alone.
namespace comity::ctdc {

using Columns = std::vector<CtdcColumn>;
using Meanings = std::vector<CtdcMeaning>;

inline constexpr const char* kAgriculture = "A_AgricultureForestryAndFishing";
inline constexpr const char* kMining = "B_MiningAndQuarrying";
inline constexpr const char* kManufacturing = "C_Manufacturing";
inline constexpr const char* kConstruction = "F_Construction";
inline constexpr const char* kTrade =
    "G_WholesaleAndRetailTradeRepairOfMotorVehicles";
inline constexpr const char* kTransport = "H_TransportationAndStorage";
inline constexpr const char* kHospitality =
    "I_AccommodationAndFoodServiceActivities";
inline constexpr const char* kHouseholds =
    "T_ActivitiesOfHouseholdsAsEmployers";

inline constexpr CtdcMeaning kNoIndustry = {CtdcMeaning::Place::kNowhere,
                                            "no section of the ISIC is meant"};

// What is 1 where `meanings` hold, and 0 or missing elsewhere.
CtdcColumn Flag(const char* name, Meanings meanings,
                const char* also = nullptr);
CtdcColumn Codes(const char* name, std::vector<CtdcCode> codes);

// CTDC's age bands, each written as `prefix` and the band.
std::vector<CtdcCode> AgeBands(const std::string& prefix);
std::vector<CtdcCode> Genders();
std::vector<CtdcCode> Sources();

// The means of control as the releases since 2024 merge them, in their order.
Columns MergedMeans(const std::vector<const char*>& names);
// Labour, sexual, other.
Columns Forms();
// Intimate partner, friend, family, other.
Columns Recruiters(const std::vector<const char*>& names);

void Append(Columns more, Columns& columns);

// The copies that analysts recoded.
CtdcDialect RecodedKanonymised();
CtdcDialect RecodedSynthetic();

}  // namespace comity::ctdc
