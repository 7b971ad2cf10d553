#pragma once

#include <string>
#include <vector>

#include "node/policy/compiled_policy.h"
#include "node/policy/condition_notes.h"
#include "node/policy/decision.h"
#include "node/policy/facts.h"

namespace comity {

// What one rule says of a request.
struct RuleNote {
  RuleRef rule = 0;
  // Without a record to look at, a grant that fits is kTrue, and a national
  // rule that fits kUnknown.
  Truth applies = Truth::kFalse;
  bool acts = false;      // it gives, takes, or adds duties
  bool deciding = false;  // without it the verdict would be another
  // Wanted groups that it gives, takes, or adds duties to.
  FieldGroups groups;
  // Why it does not apply; for a rule that does, what is not known, and the
  // groups that consent leaves out.
  ConditionNotes failed;
  FilePlace place;
  std::string file;
};

// A limit that is used up.
struct LimitNote {
  RuleRef rule = 0;
  std::string window;  // "day"; "year" for a budget of cells; "revision
                       // (tables that share columns)"; "period
                       // (thousandths of epsilon)", also "of all askers"
  uint32_t used = 0;
  uint32_t max = 0;
  absl::Time resets;  // InfiniteFuture: never
};

// Why a request is decided as it is: the verdict of Judge itself, what stops
// it before any rule, and what each rule that it could meet says of it.
struct Explanation {
  Decision decision;
  ConditionNotes request;      // lines 1 and 2 of policy.md 2.3
  std::string agreement_file;  // the places of `request` are in it
  // The grants of the agreement that is cited, then all national rules.
  std::vector<RuleNote> rules;
  std::vector<LimitNote> limits;
  FieldGroups withheld;  // wanted, and not released by a permit
};

Explanation Explain(const CompiledPolicy& policy, const RequestFacts& request,
                    const RecordFacts& record, const StateFacts& state);

// When a window that runs at `now` ends (UTC).
absl::Time WindowEnd(LimitKind kind, absl::Time now);

}  // namespace comity
