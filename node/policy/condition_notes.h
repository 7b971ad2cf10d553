#pragma once

#include <string>
#include <vector>

#include "node/policy/conditions.h"
#include "node/policy/dimensions.h"
#include "node/policy/facts.h"
#include "node/policy/policy_set.h"

namespace comity {

// One condition of a rule that is not true of the facts, for people.
struct ConditionNote {
  std::string fact;                  // the field's path, "when.age"
  std::string value;                 // what the facts say; "not known"
  std::vector<std::string> allowed;  // what the rule lists
  Truth truth = Truth::kFalse;       // kFalse or kUnknown
  FieldGroups groups;                // consent: the wanted groups it concerns
  FilePlace place;                   // in the rule's file
};
using ConditionNotes = std::vector<ConditionNote>;

// The texts of a set's values.
template <typename Enum>
std::vector<std::string> NamesOf(EnumSet<Enum> set) {
  std::vector<std::string> names;
  for (const Enum value : set.Values()) names.emplace_back(Name(value));
  return names;
}

// "2026-11-25T10:30:00Z".
std::string UtcText(absl::Time time);

// "NEEDS, STATUS"; "not known" for none.
std::string JoinedOrUnknown(const std::vector<std::string>& names);

// The dimensions that do not fit (dimensions.h). `Body` is what holds the rule.
ConditionNotes NoteDimensions(const Agreement& body, const Grant& rule,
                              const RequestFacts& request);
ConditionNotes NoteDimensions(const NationalRules& body, const Deny& rule,
                              const RequestFacts& request);
ConditionNotes NoteDimensions(const NationalRules& body, const Require& rule,
                              const RequestFacts& request);

// The record conditions that are not true (conditions.h), and consent for each
// of `groups`.
ConditionNotes NoteRecord(const When& when, const RecordFacts& record,
                          RelationMode mode, FieldGroups groups,
                          const RulePlaces& places);

// What is wrong with the request before any rule is read (policy.md 2.3, lines
// 1 and 2); `agreement` null if the set has none that is cited so.
ConditionNotes NoteRequest(const PolicySet& set, const Agreement* agreement,
                           const RequestFacts& request);

}  // namespace comity
