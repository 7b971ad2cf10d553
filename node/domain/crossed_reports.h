#pragma once

#include <set>
#include <vector>

#include "node/domain/referral.h"

namespace comity {

// The follow-up reports among `ordered` events (OrderEvents) that crossed with
// her word that she wants none any more: neither author knew of the other's
// event. They have no effect, whichever clock says that it was earlier, and the
// same on both sides once both have both.
std::set<Uuid> CrossedReports(const std::vector<ReferralEvent>& ordered);

}  // namespace comity
