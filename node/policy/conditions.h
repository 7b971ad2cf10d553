#pragma once

#include <string>

#include "node/domain/vocabulary.h"
#include "node/policy/facts.h"
#include "node/policy/policy_set.h"

namespace comity {

// Three-valued truth; a conjunction is the minimum.
enum class Truth : uint8_t { kFalse = 0, kUnknown = 1, kTrue = 2 };

// Whether a relation list must match all countries of the record (a grant) or
// any of them (a denial or requirement).
enum class RelationMode : uint8_t { kAll, kAny };

// Judges all conditions but consent (policy.md 2.2). `why` gets the first
// condition that is not true, in words.
Truth JudgeRecord(const When& when, const RequestFacts& request,
                  const RecordFacts& record, RelationMode mode,
                  std::string* why);

// Judges the consent condition for one field group.
Truth JudgeConsent(const When& when, FieldGroup group,
                   const RequestFacts& request, const RecordFacts& record);

}  // namespace comity
