#include <algorithm>

#include "node/policy/conditions.h"
#include "node/policy/dimensions.h"
#include "node/policy/judge.h"

namespace comity {

std::vector<Limit> LimitsOf(const CompiledPolicy& policy,
                            const RequestFacts& request) {
  std::vector<Limit> limits;
  const auto add = [&](RuleRef rule, const Duties& duties) {
    for (const LimitKind kind : kLimitKinds) {
      const uint32_t max = LimitIn(duties, kind);
      if (max != 0) limits.push_back({rule, kind, max});
    }
  };
  if (request.operation == Operation::kReferralEvent ||
      IsProtective(request.operation)) {
    return limits;  // nothing may stand in their way
  }
  const auto* agreement =
      policy.Find(request.agreement_id, request.agreement_digest);
  if (agreement == nullptr) return limits;
  policy.ForEachGrant(*agreement, request,
                      [&](RuleRef rule, const Grant&, const Duties& duties) {
                        add(rule, duties);
                      });
  policy.ForEachRequire(request, [&](RuleRef rule, const Require& require) {
    add(rule, require.duties);
  });
  return limits;
}

std::vector<Limit> ChargesOf(const CompiledPolicy& policy,
                             const RequestFacts& request,
                             const Decision& decision) {
  std::vector<Limit> charged;
  for (const Limit& limit : LimitsOf(policy, request)) {
    if (policy.rule(limit.rule).grant != nullptr ||
        std::find(decision.rules.begin(), decision.rules.end(), limit.rule) !=
            decision.rules.end()) {
      charged.push_back(limit);
    }
  }
  return charged;
}

bool LeftOutOfCounts(const CompiledPolicy& policy, const RecordFacts& record) {
  if (!policy.set().national.has_value()) return false;
  const auto& denies = policy.set().national->denies;
  return std::any_of(denies.begin(), denies.end(), [&](const Deny& deny) {
    return deny.withhold.empty() &&
           (deny.operation.empty() ||
            deny.operation.Contains(Operation::kAggregateCount)) &&
           JudgeRecord(deny.when, record, RelationMode::kAny) != Truth::kFalse;
  });
}

}  // namespace comity
