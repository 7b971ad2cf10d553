#pragma once

#include <vector>

#include "node/domain/referral.h"
#include "node/tabulation/coded_case.h"
#include "node/wire/event_wire.h"

namespace comity {

// The columns of one referral for tables, at its holder, from the events that
// had effect, in order. Its year is that of the SENT event; 0 if there is none.
// `case_id` is left to who knows it.
CodedCase CodedReferralOf(const ReferralParties& parties,
                          const std::vector<ParsedEvent>& effective);

}  // namespace comity
