#pragma once

#include <vector>

#include "node/policy/compiled_policy.h"
#include "node/policy/decision.h"
#include "node/policy/facts.h"

namespace comity {

// Judges one operation across a border, in the order of policy.md 2.3. Pure:
// no clock, no I/O. The one function behind gate, pre-flight, explanation,
// diff, simulation and tests (design.md law 13).
Decision Judge(const CompiledPolicy& policy, const RequestFacts& request,
               const RecordFacts& record, const StateFacts& state);

// Steps of the judgement that explanations name: line 1 (parties and vocabulary
// of the request), line 2, whether lines 6 to 11 look at the record, and what
// was charged to a limit so far.
bool IsMalformed(const RequestFacts& request);
bool IsParty(const Agreement& agreement, const ParticipantCode& code);
bool IsInForce(const Agreement& agreement, const RequestFacts& request);
bool LooksAtRecord(const RequestFacts& request, const RecordFacts& record);
uint32_t UsedOf(const StateFacts& state, RuleRef rule, LimitKind kind);

// One limit that could stop a request: what the gate reads before a decision
// and charges with it.
struct Limit {
  RuleRef rule = 0;
  LimitKind kind = LimitKind::kDay;
  uint32_t max = 0;
};

// The limits of all rules that address the request, whatever the record.
std::vector<Limit> LimitsOf(const CompiledPolicy& policy,
                            const RequestFacts& request);

// The limits that an answer under `decision` is charged to.
std::vector<Limit> ChargesOf(const CompiledPolicy& policy,
                             const RequestFacts& request,
                             const Decision& decision);

// Whether national rules leave a case out of published periods: a denial of
// the whole operation that reaches counts applies to it (policy.md 2.5). The
// same for every asker, so `record` is projected with no asker in mind.
bool LeftOutOfCounts(const CompiledPolicy& policy, const RecordFacts& record);

}  // namespace comity
