#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "node/policy/fact_axes.h"
#include "node/policy/fact_space.h"
#include "node/policy/holder_policies.h"

namespace comity {

// What one rule does over all requests that there can be.
struct RuleUse {
  // Some request fits it whose record conditions can hold, and for a denial or
  // requirement some grant too.
  bool matches = false;
  // A grant: some answer is given with it. A requirement: it adds to what some
  // answer demands.
  bool acts = false;
  // A grant: some answer is given with no other grant.
  bool alone = false;
  // A grant: those that give whatever it gives, unless it acts alone.
  std::set<std::string> companions;
  // A grant: the denials that refuse what fits it.
  std::set<std::string> refused_by;
  // The first request that matched.
  std::optional<FactPoint> witness;
};

// By agreement id or node code, and the rule's id in its file.
using RuleUses = std::map<std::pair<std::string, std::string>, RuleUse>;

// Follows every rule of one policy through the space of all its agreements.
// Holds an entry for each rule. MESSAGE_TOO_LARGE as FactSpace says.
absl::StatusOr<RuleUses> FindRuleUses(const HolderPolicies& policies,
                                      const FactAxes& axes);

}  // namespace comity
