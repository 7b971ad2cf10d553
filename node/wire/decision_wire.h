#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "comity/operators/v1/decision.pb.h"
#include "node/policy/compiled_policy.h"
#include "node/policy/facts.h"

namespace comity {

// All facts of one decision. Rules that limits were charged to are numbers of
// one CompiledPolicy; on the wire they go by name, so that the facts can be
// judged again under another set.
struct DecisionFacts {
  RequestFacts request;
  RecordFacts record;
  StateFacts state;
};

operators::v1::DecisionFacts FormatDecisionFacts(const CompiledPolicy& policy,
                                                 const RequestFacts& request,
                                                 const RecordFacts& record,
                                                 const StateFacts& state);

// The same as the own log keeps it.
std::string SerializeDecisionFacts(const CompiledPolicy& policy,
                                   const RequestFacts& request,
                                   const RecordFacts& record,
                                   const StateFacts& state);

// FIELD_MISSING or FIELD_INVALID names the field. Charges of rules that
// `policy` does not have are left out.
absl::StatusOr<DecisionFacts> ParseDecisionFacts(
    const operators::v1::DecisionFacts& facts, const CompiledPolicy& policy);

}  // namespace comity
