#pragma once

#include "node/policy/decision.h"
#include "node/policy/facts.h"
#include "node/policy/policy_set.h"

namespace comity {

// Judges one operation across a border, in the order of policy.md 2.3. Pure.
// The permit that a positive decision leads to is made by PolicyEngine alone.
Decision Judge(const PolicySet& set, const RequestFacts& request,
               const RecordFacts& record, const UsageFacts& usage);

}  // namespace comity
