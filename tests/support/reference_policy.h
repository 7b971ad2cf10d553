#pragma once

#include "node/policy/decision.h"
#include "node/policy/facts.h"
#include "node/policy/policy_set.h"

namespace comity {

// The meaning of policy files a second time: written from the texts alone
// (policy/README.md, node/decisions), rule by rule and line by line, with no
// index and nothing shared with node/policy but the plain values. Slow, and
// meant to be read beside the text. Properties and fuzzers hold Judge to it.
Decision ReferenceJudge(const PolicySet& set, const RequestFacts& request,
                        const RecordFacts& record, const StateFacts& state);

// Whether national rules leave a case out of published periods.
bool ReferenceLeftOutOfCounts(const PolicySet& set, const RecordFacts& record);

}  // namespace comity
