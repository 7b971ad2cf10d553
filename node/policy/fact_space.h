#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/policy/fact_axes.h"
#include "node/policy/holder_policies.h"

namespace comity {

// One rule that a walk follows: exactly one of grant, deny and require is set.
struct SpaceRule {
  size_t side = 0;  // whose rule: the index in FactSpace's policies
  const Agreement* agreement = nullptr;
  const NationalRules* national = nullptr;
  const Grant* grant = nullptr;
  const Deny* deny = nullptr;
  const Require* require = nullptr;

  // "agreement/grant", "national/rule", as in a Decision.
  std::string id() const;
};

// A class of requests that no rule tells apart. `point` is one of them.
struct FactCell {
  const FactBox& box;
  const FactPoint& point;
  // Grants whose conditions all hold here; denials and requirements that fit
  // and whose conditions hold or are not known.
  const std::vector<const SpaceRule*>& rules;
};

// Everything that requests under one agreement can be, over the rules of one
// policy or of two side by side. A rule is a product of finite sets, so values
// that are in the same of them behave alike and are walked as one; where no
// grant is left on any side everything is refused, and the walk turns back.
// Exact, not sampled. Immutable, thread-safe; borrows axes and policies.
class FactSpace {
 public:
  static constexpr size_t kMaxCells = 2'000'000;

  FactSpace(const FactAxes& axes,
            const std::vector<const HolderPolicies*>& policies,
            const std::string& agreement_id);

  const std::vector<SpaceRule>& rules() const { return rules_; }

  // Calls `visit` once for each class where some grant is left; returns how
  // many there were. A box with several holders and askers means all pairs of
  // two different ones. MESSAGE_TOO_LARGE, naming the axis that has most
  // classes, after `max_cells`.
  absl::StatusOr<size_t> Walk(const std::function<void(const FactCell&)>& visit,
                              size_t max_cells = kMaxCells) const;

 private:
  void AddNational(size_t side, const NationalRules& national);

  const FactAxes& axes_;
  std::vector<SpaceRule> rules_;
  // Groups whose members change with time.
  std::vector<const ParticipantGroup*> groups_;
  // Of each participant: on which sides it has national rules.
  std::vector<std::string> nationals_;
};

}  // namespace comity
