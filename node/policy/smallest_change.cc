#include "node/policy/smallest_change.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "node/policy/judge.h"

namespace comity {
namespace {

struct Facts {
  RequestFacts request;
  RecordFacts record;
  StateFacts state;
};

Decision JudgeFacts(const CompiledPolicy& policy, const Facts& facts) {
  return Judge(policy, facts.request, facts.record, facts.state);
}

void ApplyTo(Facts& facts, const FactChange& change,
             const CompiledPolicy& policy) {
  Apply(change, policy, facts.request, facts.record, facts.state);
}

// What one change costs; any fact of the record costs more than all that
// operators can do.
int CostOf(const FactChange& change) {
  const int rank = 2 * (static_cast<int>(change.fact) + 1);
  return OperatorMayChange(change.fact) ? rank : rank + 100;
}

// Gives the approvals that a HOLD asks for; true if that makes it a PERMIT.
bool Complete(const CompiledPolicy& policy, Facts facts,
              ChangeProposal& proposal) {
  proposal.after = JudgeFacts(policy, facts);
  proposal.permitted = proposal.after;
  // Those of the agreement, then those of the holder.
  for (int i = 0; i < 2 && proposal.permitted.outcome == Outcome::kHold; ++i) {
    const bool shared = proposal.permitted.shared;
    const uint32_t needed =
        proposal.permitted.approvals_missing +
        (shared ? facts.state.approvals : facts.state.approvals_at_home);
    proposal.approvals.push_back(
        {shared ? ChangedFact::kApprovals : ChangedFact::kApprovalsAtHome,
         needed, "", absl::Time(), absl::StrCat(needed)});
    ApplyTo(facts, proposal.approvals.back(), policy);
    proposal.permitted = JudgeFacts(policy, facts);
  }
  return proposal.permitted.outcome == Outcome::kPermit;
}

// The cheapest proposals so far, of operators and of the record.
class Best {
 public:
  bool empty() const { return !operator_.has_value() && !record_.has_value(); }
  bool Improves(bool operator_alone, int cost) const {
    return cost < (operator_alone ? operator_cost_ : record_cost_);
  }
  void Take(ChangeProposal proposal, int cost) {
    (proposal.operator_alone ? operator_cost_ : record_cost_) = cost;
    (proposal.operator_alone ? operator_ : record_) = std::move(proposal);
  }
  std::vector<ChangeProposal> List() && {
    std::vector<ChangeProposal> list;
    if (operator_.has_value()) list.push_back(*std::move(operator_));
    if (record_.has_value()) list.push_back(*std::move(record_));
    return list;
  }

 private:
  static constexpr int kNone = 1000000;
  std::optional<ChangeProposal> operator_;
  std::optional<ChangeProposal> record_;
  int operator_cost_ = kNone;
  int record_cost_ = kNone;
};

void Try(const CompiledPolicy& policy, const Facts& facts,
         std::vector<FactChange> changes, Best& best) {
  ChangeProposal proposal;
  int cost = 0;
  for (const FactChange& change : changes) {
    cost += CostOf(change);
    proposal.operator_alone &= OperatorMayChange(change.fact);
  }
  if (!best.Improves(proposal.operator_alone, cost)) return;
  Facts changed = facts;
  for (const FactChange& change : changes) ApplyTo(changed, change, policy);
  if (!Complete(policy, std::move(changed), proposal)) return;
  proposal.changes = std::move(changes);
  best.Take(std::move(proposal), cost);
}

}  // namespace

std::vector<ChangeProposal> LosingFacts(const CompiledPolicy& policy,
                                        const RequestFacts& request,
                                        const RecordFacts& record,
                                        const StateFacts& state) {
  const Facts facts{request, record, state};
  if (JudgeFacts(policy, facts).outcome != Outcome::kPermit) return {};
  std::vector<FactChange> candidates = LosingChanges(policy, request, state);
  for (FactChange& change : PossibleChanges(policy, request, record, state)) {
    candidates.push_back(std::move(change));
  }
  std::stable_sort(
      candidates.begin(), candidates.end(),
      [](const FactChange& a, const FactChange& b) { return a.fact < b.fact; });
  std::vector<ChangeProposal> losses;
  for (const FactChange& change : candidates) {
    if (!losses.empty() && losses.back().changes[0].fact == change.fact) {
      continue;
    }
    Facts changed = facts;
    ApplyTo(changed, change, policy);
    ChangeProposal loss;
    loss.after = JudgeFacts(policy, changed);
    if (loss.after.outcome == Outcome::kPermit) continue;
    loss.changes = {change};
    loss.operator_alone = OperatorMayChange(change.fact);
    losses.push_back(std::move(loss));
  }
  return losses;
}

std::vector<ChangeProposal> SmallestChanges(const CompiledPolicy& policy,
                                            const RequestFacts& request,
                                            const RecordFacts& record,
                                            const StateFacts& state) {
  const Facts facts{request, record, state};
  const Decision now = JudgeFacts(policy, facts);
  if (now.outcome == Outcome::kPermit) return {};
  Best best;
  if (now.outcome == Outcome::kHold) Try(policy, facts, {}, best);
  if (!best.empty()) return std::move(best).List();
  const std::vector<FactChange> candidates =
      PossibleChanges(policy, request, record, state);
  for (const FactChange& one : candidates) Try(policy, facts, {one}, best);
  if (!best.empty()) return std::move(best).List();
  for (size_t i = 0; i < candidates.size(); ++i) {
    for (size_t j = i + 1; j < candidates.size(); ++j) {
      if (candidates[i].fact == candidates[j].fact) continue;
      Try(policy, facts, {candidates[i], candidates[j]}, best);
    }
  }
  return std::move(best).List();
}

}  // namespace comity
