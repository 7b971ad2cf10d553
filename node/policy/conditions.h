#pragma once

#include <array>

#include "node/policy/facts.h"
#include "node/policy/policy_set.h"

namespace comity {

// Three-valued truth; a conjunction is the minimum.
enum class Truth : uint8_t { kFalse = 0, kUnknown = 1, kTrue = 2 };

// Whether a relation list must match all countries of the record (a grant) or
// any of them (a denial or requirement).
enum class RelationMode : uint8_t { kAll, kAny };

// The record conditions beside consent, in the order in which they are judged.
enum class Condition : uint8_t {
  kAge,
  kRisk,
  kOrigin,
  kExploitation,
  kStage,
  kRecordAge
};
inline constexpr std::array kConditions = {
    Condition::kAge,          Condition::kRisk,  Condition::kOrigin,
    Condition::kExploitation, Condition::kStage, Condition::kRecordAge};

// The field's path in a file, "when.age".
const char* FieldPath(Condition condition);

// Judges one condition (policy.md 2.2); true if the rule does not name it.
Truth JudgeCondition(Condition condition, const When& when,
                     const RecordFacts& record, RelationMode mode);

// The conjunction of all conditions but consent.
Truth JudgeRecord(const When& when, const RecordFacts& record,
                  RelationMode mode);

// Judges the consent condition for one field group.
Truth JudgeConsent(const When& when, FieldGroup group,
                   const RecordFacts& record);

// The groups of `wanted` for which the consent condition is at least `least`.
FieldGroups GroupsWithConsent(const When& when, FieldGroups wanted,
                              const RecordFacts& record, Truth least);

// What of a request the condition of a rule reaches: the groups for which it is
// at least `least`. An operation without fields is reached as a whole or not at
// all; whose consent it would be about is not known then.
struct Reach {
  bool whole = false;  // all that was asked
  FieldGroups groups;

  bool nothing() const { return !whole && groups.empty(); }
};

Reach ReachOf(const When& when, FieldGroups wanted, const RecordFacts& record,
              RelationMode mode, Truth least);

}  // namespace comity
