#pragma once

#include "node/policy/facts.h"
#include "node/policy/policy_set.h"

namespace comity {

// How the reference reads conditions on the record (policy.md 2.2).

// No, perhaps, yes. "All of these" is the least of them.
enum Answer { kNo = 0, kPerhaps = 1, kYes = 2 };

// A grant reads a list of countries with "all of them"; a denial or a
// requirement with "any of them".
enum class Reader { kGrant, kRestriction };

// One group's answer: all conditions, with the consent for that group.
Answer ForGroup(const When& when, FieldGroup group, const RecordFacts& record,
                Reader reader);

// The answer where no group is asked for: nobody knows then what a consent
// would be about.
Answer ForNoGroup(const When& when, const RecordFacts& record, Reader reader);

}  // namespace comity
