#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/domain/case_facts.h"

namespace comity {

// Two cases of one person become one: what stands of both beside the record.
// Wherever they differ, the stricter stands.

struct MergedFacts {
  // Of the case that stays. What follows from the record is still its own, and
  // the other one is not among its merged cases yet.
  CaseFacts facts;
  // Acts of consent of either that the other case says no to, each with the
  // withdrawal last.
  std::vector<Consent> withdrawn;
};

// Unites the facts of `other` with those of `keep`, whose owner stays. `how`
// says when, by whom and under which id, its groups aside.
// REFERRAL_STATE_CONFLICT if a partner's release binds one of them alone, or
// both are held on different grounds; SCREENING_MISSING if one of them alone
// was screened. Each says what to do.
absl::StatusOr<MergedFacts> MergeFacts(const CaseFacts& keep,
                                       const CaseFacts& other,
                                       const GroupsWithdrawn& how);

// Whether one of them says that she is, or may be, a child, and `merged` does
// not: a person must have established that.
bool LosesAChild(const CaseFacts& keep, const CaseFacts& other,
                 const CaseFacts& merged);

// "merged into another case on 2026-11-30 by ANLTP/moussa.d".
std::string MergedText(const MergedCase& merged);

}  // namespace comity
