#pragma once

#include <vector>

#include "node/policy/compiled_policy.h"
#include "node/policy/decision.h"
#include "node/policy/fact_change.h"
#include "node/policy/facts.h"

namespace comity {

// Facts that differ from the given ones in a few changes, and what Judge says
// of them.
struct ChangeProposal {
  // Changes that are made first, at most two, and the outcome under them.
  std::vector<FactChange> changes;
  Decision after;
  // Approvals that a HOLD then still asks for; with them it is a PERMIT. The
  // only part of a proposal for a request that is on hold already.
  std::vector<FactChange> approvals;
  Decision permitted;
  bool operator_alone = true;  // no fact of the record is among the changes
};

// The cheapest changes that turn a refusal or a hold into a permit: the
// cheapest that an operator can make alone, and the cheapest that needs other
// facts of the record if it is smaller, or if there is no such other. One
// change is searched first, then two. Empty for a permit, or if nothing found.
// Each proposal was applied and judged.
std::vector<ChangeProposal> SmallestChanges(const CompiledPolicy& policy,
                                            const RequestFacts& request,
                                            const RecordFacts& record,
                                            const StateFacts& state);

// For a permit: of each fact the first other value under which it is none, the
// cheapest fact first; what the permit rests on. Each was applied and judged,
// which `after` tells; no change to a danger flag is among them, for each loses
// every permit. Empty for a refusal or a hold.
std::vector<ChangeProposal> LosingFacts(const CompiledPolicy& policy,
                                        const RequestFacts& request,
                                        const RecordFacts& record,
                                        const StateFacts& state);

}  // namespace comity
