#pragma once

#include "absl/status/status.h"
#include "node/policy/policy_engine.h"

namespace comity {

// Why this node's own rules, flags or consents keep `groups` of a case from the
// asker of `request`, for its own people: REFUSED_AT_HOME with the rule, its
// place and what to do. What both sides can see, such as NO_GRANT, keeps its
// reason.
absl::Status RefusedAtHome(const PolicyEngine& engine,
                           const RequestFacts& request,
                           const RecordFacts& record, const StateFacts& state,
                           const CaseFacts& facts, FieldGroups groups);

}  // namespace comity
