#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "node/base/error_reason.h"
#include "node/domain/vocabulary.h"

namespace comity {

// How a redact duty coarsens a field group.
enum class Redaction : uint8_t {
  kUnset = 0,
  kMask = 1,
  kAgeBand5 = 2,
  kAgeBand10 = 3,
  kCountryOnly = 4,
  kYearOnly = 5,
};

// What must be done together with a release. Joining takes the stricter side
// of each field (policy.md 2.4); zero means that no file asks for it.
struct Duties {
  std::map<FieldGroup, Redaction> redact;
  uint32_t max_per_day = 0;    // per asker and grant
  uint32_t k_threshold = 0;    // smallest count ever shown
  uint32_t yearly_budget = 0;  // distinct cells delivered a year

  friend bool operator==(const Duties&, const Duties&) = default;
};

// Associative, commutative, idempotent.
Duties Join(const Duties& a, const Duties& b);

enum class Outcome : uint8_t { kDeny, kHold, kPermit };

// One rule that was read, for explanations and the own log. `id` is
// "agreement-id/grant-id", "national/deny-id" or "built-in/danger".
struct RuleTrace {
  std::string id;
  bool decided = false;
  std::string why;  // first failing condition in words; empty if it applied
};

// What the engine decided, with everything an explanation needs.
struct Decision {
  Outcome outcome = Outcome::kDeny;
  // kUnspecified for a permit. kNotAvailable stands for every private reason;
  // `private_reason` says which one, for the own log alone.
  ErrorReason reason = ErrorReason::kNoGrant;
  std::string private_reason;
  FieldGroups released;
  Duties duties;
  std::vector<std::string> rule_ids;  // that decided
  std::vector<RuleTrace> trace;       // all candidates, for explain
  // The grant that max_per_day is counted under, "agreement-id/grant-id".
  std::string counter;
};

}  // namespace comity
