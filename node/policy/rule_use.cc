#include "node/policy/rule_use.h"

#include <algorithm>

#include "node/base/status_macros.h"

namespace comity {
namespace {

std::pair<std::string, std::string> KeyOf(const SpaceRule& rule) {
  return rule.grant != nullptr
             ? std::pair(rule.agreement->id, rule.grant->id)
             : std::pair(rule.national->node, rule.deny != nullptr
                                                  ? rule.deny->id
                                                  : rule.require->id);
}

// What of the duties can show on one answer, approvals and counts aside.
Duties Shown(Duties duties, FieldGroups wanted) {
  for (size_t i = 0; i < duties.redact.size(); ++i) {
    if (!wanted.Contains(static_cast<FieldGroup>(i))) {
      duties.redact[i] = Redaction::kUnset;
    }
  }
  duties.approvals = 0;
  duties.k_threshold = 0;
  duties.yearly_budget = 0;
  duties.count_method = CountMethod::kUnset;
  duties.aggregation = Aggregation::kUnset;
  duties.linked_tables = 0;
  duties.epsilon_thousandths = 0;
  duties.epsilon_asker_thousandths = 0;
  duties.epsilon_all_thousandths = 0;
  duties.delta_exponent = 0;
  duties.delta_budget_exponent = 0;
  return duties;
}

// Whether `require` demands something that the other rules here do not.
bool Adds(const SpaceRule& require, const FactCell& cell) {
  const Duties& own = require.require->duties;
  for (const LimitKind kind : kLimitKinds) {
    if (LimitIn(own, kind) != 0) return true;  // it counts for itself
  }
  Duties others;
  uint32_t approvals_at_home = 0;
  for (const SpaceRule* rule : cell.rules) {
    if (rule == &require || rule->deny != nullptr) continue;
    if (rule->grant != nullptr) {
      others = Join(others, Join(rule->agreement->duties, rule->grant->duties));
      continue;
    }
    approvals_at_home =
        std::max(approvals_at_home, rule->require->duties.approvals);
    others = Join(others, rule->require->duties);
  }
  const FieldGroups wanted = cell.point.request.wanted;
  return own.approvals > approvals_at_home ||
         Shown(Join(others, own), wanted) != Shown(others, wanted);
}

void MarkGrant(const SpaceRule& rule, const FactCell& cell,
               const Answer& answer, RuleUse& use) {
  std::set<std::string> others;
  for (const SpaceRule* other : cell.rules) {
    if (other->deny != nullptr) use.refused_by.insert(other->deny->id);
    if (other->grant != nullptr && other != &rule) {
      others.insert(other->grant->id);
    }
  }
  if (!answer.permitted) return;
  if (use.acts) {
    std::set<std::string> both;
    std::set_intersection(use.companions.begin(), use.companions.end(),
                          others.begin(), others.end(),
                          std::inserter(both, both.begin()));
    use.companions = std::move(both);
  } else {
    use.companions = others;
  }
  use.acts = true;
  use.alone |= others.empty();
}

void Mark(const FactCell& cell, const Answer& answer, RuleUses& uses) {
  for (const SpaceRule* rule : cell.rules) {
    RuleUse& use = uses[KeyOf(*rule)];
    use.matches = true;
    if (!use.witness.has_value()) use.witness = cell.point;
    if (rule->grant != nullptr) {
      MarkGrant(*rule, cell, answer, use);
    } else if (rule->require != nullptr && answer.permitted && !use.acts) {
      use.acts = Adds(*rule, cell);
    }
  }
}

}  // namespace

absl::StatusOr<RuleUses> FindRuleUses(const HolderPolicies& policies,
                                      const FactAxes& axes) {
  RuleUses uses;
  std::set<std::string> ids;
  for (const Agreement& agreement : policies.agreements()) {
    ids.insert(agreement.id);
  }
  for (const std::string& id : ids) {
    const FactSpace space(axes, {&policies}, id);
    for (const SpaceRule& rule : space.rules()) uses.try_emplace(KeyOf(rule));
    RETURN_IF_ERROR(space
                        .Walk([&](const FactCell& cell) {
                          Mark(cell, policies.Decide(id, cell.point), uses);
                        })
                        .status());
  }
  return uses;
}

}  // namespace comity
