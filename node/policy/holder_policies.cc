#include "node/policy/holder_policies.h"

#include <algorithm>
#include <limits>

#include "node/policy/dimensions.h"
#include "node/policy/judge.h"

namespace comity {
namespace {

constexpr uint32_t kEverybody = std::numeric_limits<uint32_t>::max();

std::vector<NationalRules> NationalOf(const PolicySet& set) {
  std::vector<NationalRules> nationals;
  if (set.national.has_value()) nationals.push_back(*set.national);
  return nationals;
}

// Limits and budgets of all grants that fit, whether they release or not: each
// of them is charged and can refuse.
Duties LimitsOfGrants(const CompiledPolicy& policy,
                      const RequestFacts& request) {
  Duties limits;
  if (request.operation == Operation::kReferralEvent) return limits;
  const auto* agreement =
      policy.Find(request.agreement_id, request.agreement_digest);
  if (agreement == nullptr) return limits;
  policy.ForEachGrant(
      *agreement, request, [&](RuleRef, const Grant&, const Duties& duties) {
        Duties own;
        own.max_per_hour = duties.max_per_hour;
        own.max_per_day = duties.max_per_day;
        own.max_per_month = duties.max_per_month;
        own.max_per_officer_per_day = duties.max_per_officer_per_day;
        own.yearly_budget = duties.yearly_budget;
        own.linked_tables = duties.linked_tables;
        own.epsilon_asker_thousandths = duties.epsilon_asker_thousandths;
        own.epsilon_all_thousandths = duties.epsilon_all_thousandths;
        own.delta_budget_exponent = duties.delta_budget_exponent;
        limits = Join(limits, own);
      });
  return limits;
}

// What of the duties can touch this request.
Duties Touching(Duties duties, const RequestFacts& request) {
  duties.approvals = 0;
  for (size_t i = 0; i < duties.redact.size(); ++i) {
    if (!request.wanted.Contains(static_cast<FieldGroup>(i))) {
      duties.redact[i] = Redaction::kUnset;
    }
  }
  if (request.operation != Operation::kAggregateCount) {
    duties.k_threshold = 0;
    duties.yearly_budget = 0;
    duties.count_method = CountMethod::kUnset;
    duties.aggregation = Aggregation::kUnset;
    duties.linked_tables = 0;
    duties.epsilon_thousandths = 0;
    duties.epsilon_asker_thousandths = 0;
    duties.epsilon_all_thousandths = 0;
  }
  if (duties.count_method != CountMethod::kDiscreteGaussian) {
    duties.delta_exponent = 0;
    duties.delta_budget_exponent = 0;
  }
  return duties;
}

Answer DecideUnder(const CompiledPolicy& policy, FactPoint point) {
  Answer answer;
  point.state.approvals = kEverybody;
  point.state.approvals_at_home = kEverybody;
  const Decision full = Judge(policy, point.request, point.record, point.state);
  for (const RuleRef ref : full.rules) {
    answer.rules.push_back(policy.rule(ref).id);
  }
  if (full.outcome != Outcome::kPermit) return answer;
  answer.permitted = true;
  answer.break_glass = full.break_glass;
  answer.duties = Touching(
      Join(full.duties, LimitsOfGrants(policy, point.request)), point.request);
  point.state.approvals = 0;
  const Decision unapproved =
      Judge(policy, point.request, point.record, point.state);
  answer.approvals = unapproved.approvals_missing;
  point.state.approvals = kEverybody;
  point.state.approvals_at_home = 0;
  answer.approvals_at_home =
      Judge(policy, point.request, point.record, point.state).approvals_missing;
  return answer;
}

// Whether an asker that may cite either revision would cite `b`.
bool AllowsMore(const Answer& b, const Answer& a) {
  if (b.permitted != a.permitted) return b.permitted;
  return b.approvals <= a.approvals &&
         b.approvals_at_home <= a.approvals_at_home &&
         Join(a.duties, b.duties) == a.duties;
}

}  // namespace

HolderPolicies::HolderPolicies(const std::vector<Agreement>& agreements,
                               const std::vector<NationalRules>& nationals) {
  PolicySet set;
  set.agreements = agreements;
  common_ = std::make_unique<CompiledPolicy>(set);
  for (const NationalRules& national : nationals) {
    set.national = national;
    own_[national.node] = std::make_unique<CompiledPolicy>(set);
  }
}

HolderPolicies::HolderPolicies(const PolicySet& set)
    : HolderPolicies(set.agreements, NationalOf(set)) {}

std::vector<const Agreement*> HolderPolicies::Revisions(
    const std::string& id) const {
  std::vector<const Agreement*> revisions;
  for (const Agreement& agreement : agreements()) {
    if (agreement.id == id) revisions.push_back(&agreement);
  }
  std::sort(revisions.begin(), revisions.end(),
            [](const Agreement* a, const Agreement* b) {
              return a->revision < b->revision;
            });
  return revisions;
}

std::vector<std::string> HolderPolicies::Nodes() const {
  std::vector<std::string> nodes;
  for (const auto& [node, policy] : own_) nodes.push_back(node);
  return nodes;
}

const NationalRules* HolderPolicies::National(const std::string& node) const {
  const auto found = own_.find(node);
  return found == own_.end() ? nullptr : &*found->second->set().national;
}

const CompiledPolicy& HolderPolicies::Of(const ParticipantCode& holder) const {
  const auto found = own_.find(holder.text());
  return found == own_.end() ? *common_ : *found->second;
}

Answer HolderPolicies::Decide(const std::string& id,
                              const FactPoint& point) const {
  Answer best;
  const CompiledPolicy& policy = Of(point.request.holder);
  FactPoint cited = point;
  cited.request.agreement_id = id;
  for (const Agreement* agreement : Revisions(id)) {
    cited.request.agreement_digest = agreement->digest;
    Answer answer = DecideUnder(policy, cited);
    if (AllowsMore(answer, best)) best = std::move(answer);
  }
  return best;
}

}  // namespace comity
