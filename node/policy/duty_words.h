#pragma once

#include <string>
#include <vector>

#include "node/policy/decision.h"
#include "node/policy/holder_policies.h"

namespace comity {

// What has to be done, one phrase each: "at most 40 a day", "DEMOGRAPHIC as
// AGE_BAND_5". Approvals are no part: an answer counts them by side.
std::vector<std::string> DutyWords(const Duties& duties);

// One difference between what two answers demand.
struct DemandChange {
  enum class Kind : uint8_t {
    kWeaker,
    kStronger,
    kFewerApprovals,
    kMoreApprovals
  };
  Kind kind = Kind::kWeaker;
  std::string words;  // "at most 200 a day (was 40)"
};

// Every difference in duties and approvals between two answers that permit.
// What cannot be compared (AGE_BAND_5 and COUNTRY_ONLY) counts as weaker.
std::vector<DemandChange> CompareDemands(const Answer& before,
                                         const Answer& after);

// The weaker side of each duty, as Join takes the stricter one.
Duties Meet(const Duties& a, const Duties& b);

}  // namespace comity
