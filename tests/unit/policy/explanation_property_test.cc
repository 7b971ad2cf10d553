#include <algorithm>
#include <set>

#include "node/policy/explanation.h"
#include "node/policy/judge.h"
#include "tests/support/random_policy.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

constexpr int kSets = 20000;
constexpr int kCasesOfASet = 5;

// Calls `test` with 100,000 random pairs of a policy and a case.
template <typename Test>
void ForEachPair(uint64_t seed, const Test& test) {
  RandomPolicy random(seed);
  for (int i = 0; i < kSets && !testing::Test::HasFailure(); ++i) {
    const CompiledPolicy policy(random.NextSet());
    for (int j = 0; j < kCasesOfASet; ++j) {
      const RandomCase one = random.NextCase(policy);
      SCOPED_TRACE(testing::Message() << "set " << i << " case " << j);
      test(policy, one);
    }
  }
}

// What the notes alone say is released.
FieldGroups ReleasedBy(const CompiledPolicy& policy,
                       const Explanation& explanation) {
  FieldGroups given;
  FieldGroups taken;
  for (const RuleNote& note : explanation.rules) {
    const RuleInfo& info = policy.rule(note.rule);
    if (!note.acts) continue;
    if (info.grant != nullptr) given = given.Union(note.groups);
    if (info.deny != nullptr) taken = taken.Union(note.groups);
  }
  return given.Minus(taken);
}

void ExpectNotesAgree(const CompiledPolicy& policy, const RandomCase& one,
                      const Explanation& explanation) {
  const Decision& decision = explanation.decision;
  const bool protective = IsProtective(one.request.operation);
  const bool looks = LooksAtRecord(one.request, one.record) &&
                     one.request.operation != Operation::kReferralEvent;
  const auto count = [&](const auto& which) {
    return std::count_if(explanation.rules.begin(), explanation.rules.end(),
                         which);
  };
  const auto grant = [&](const RuleNote& note) {
    return policy.rule(note.rule).grant != nullptr;
  };
  EXPECT_EQ(!explanation.request.empty(),
            decision.reason == ErrorReason::kFieldInvalid ||
                decision.reason == ErrorReason::kAgreementNotInForce);
  if (decision.outcome == Outcome::kPermit && !protective) {
    EXPECT_GT(count([](const RuleNote& note) { return note.deciding; }), 0);
    if (looks) {
      EXPECT_EQ(ReleasedBy(policy, explanation), decision.released);
      for (const RuleNote& note : explanation.rules) {
        const RuleInfo& info = policy.rule(note.rule);
        const bool gives = !note.groups.Intersect(decision.released).empty();
        const bool cited =
            info.deny == nullptr && note.acts &&
            (info.require != nullptr || gives || one.request.wanted.empty());
        EXPECT_EQ(note.deciding, cited) << policy.rule(note.rule).id;
      }
    }
  }
  if (decision.private_reason == PrivateReason::kNoConditionHolds ||
      decision.reason == ErrorReason::kNoGrant) {
    EXPECT_EQ(
        count([&](const RuleNote& note) { return grant(note) && note.acts; }),
        0);
  }
  if (decision.private_reason == PrivateReason::kNationalDeny) {
    for (const RuleNote& note : explanation.rules) {
      const Deny* deny = policy.rule(note.rule).deny;
      const bool whole = deny != nullptr && deny->withhold.empty() &&
                         note.acts && note.groups == one.request.wanted;
      EXPECT_EQ(note.deciding, whole) << policy.rule(note.rule).id;
    }
  }
  // Nobody is refused without a failed condition in each grant.
  for (const RuleNote& note : explanation.rules) {
    if (!note.acts && looks) {
      EXPECT_FALSE(note.failed.empty()) << policy.rule(note.rule).id;
    }
  }
}

TEST(ExplanationPropertyTest, ExplainEqualsEnforce) {
  ForEachPair(101, [](const CompiledPolicy& policy, const RandomCase& one) {
    const Explanation explanation =
        Explain(policy, one.request, one.record, one.state);
    const Decision decision = Judge(policy, one.request, one.record, one.state);
    EXPECT_EQ(explanation.decision.outcome, decision.outcome);
    EXPECT_EQ(explanation.decision.released, decision.released);
    EXPECT_EQ(explanation.decision.rules, decision.rules);
    ExpectNotesAgree(policy, one, explanation);
  });
}

template <typename Rule>
void EraseAll(std::vector<Rule>& rules, RuleRef first,
              const std::set<RuleRef>& gone) {
  std::vector<Rule> kept;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (gone.count(static_cast<RuleRef>(first + i)) == 0) {
      kept.push_back(rules[i]);
    }
  }
  rules = std::move(kept);
}

// The set without the rules in `gone`, and the charges of the others.
PolicySet Without(const CompiledPolicy& policy, const std::set<RuleRef>& gone,
                  StateFacts& state) {
  PolicySet set = policy.set();
  RuleRef first = 0;
  for (Agreement& agreement : set.agreements) {
    const auto size = static_cast<RuleRef>(agreement.grants.size());
    EraseAll(agreement.grants, first, gone);
    first += size;
  }
  if (set.national.has_value()) {
    const auto denies = static_cast<RuleRef>(set.national->denies.size());
    EraseAll(set.national->denies, first, gone);
    EraseAll(set.national->requires_, first + denies, gone);
  }
  std::vector<LimitUse> kept;
  for (LimitUse use : state.used) {
    if (gone.count(use.rule) != 0) continue;
    use.rule -= static_cast<RuleRef>(
        std::distance(gone.begin(), gone.lower_bound(use.rule)));
    kept.push_back(use);
  }
  state.used = std::move(kept);
  return set;
}

// Verdicts that come from rules rather than from their absence, the built-in
// danger flags or a protective operation.
bool StandsOnRules(const RandomCase& one, const Decision& decision) {
  switch (decision.private_reason) {
    case PrivateReason::kNationalDeny:
    case PrivateReason::kNothingLeft:
    case PrivateReason::kNationalLimit:
    case PrivateReason::kApprovalsAtHome:
      return true;
    default:
      return (decision.outcome == Outcome::kPermit &&
              !IsProtective(one.request.operation)) ||
             decision.reason == ErrorReason::kLimitReached ||
             decision.reason == ErrorReason::kApprovalsMissing;
  }
}

TEST(ExplanationPropertyTest, WithoutTheDecidingRulesTheVerdictIsAnother) {
  int flipped = 0;
  ForEachPair(102, [&](const CompiledPolicy& policy, const RandomCase& one) {
    const Explanation explanation =
        Explain(policy, one.request, one.record, one.state);
    std::set<RuleRef> deciding;
    for (const RuleNote& note : explanation.rules) {
      if (note.deciding) deciding.insert(note.rule);
    }
    EXPECT_EQ(deciding.empty(), !StandsOnRules(one, explanation.decision));
    if (deciding.empty()) return;
    ++flipped;
    StateFacts state = one.state;
    const CompiledPolicy without(Without(policy, deciding, state));
    const Decision before = explanation.decision;
    const Decision after = Judge(without, one.request, one.record, state);
    EXPECT_FALSE(after.outcome == before.outcome &&
                 after.reason == before.reason &&
                 after.private_reason == before.private_reason)
        << Name(before.outcome) << " " << ReasonName(before.reason) << " "
        << Name(before.private_reason);
  });
  EXPECT_GT(flipped, 60000);
}

// A rule that does not act, or does not fit, decides nothing by its absence.
TEST(ExplanationPropertyTest, WithoutTheRulesThatDoNotActNothingChanges) {
  ForEachPair(103, [&](const CompiledPolicy& policy, const RandomCase& one) {
    const Explanation explanation =
        Explain(policy, one.request, one.record, one.state);
    std::set<RuleRef> idle;
    for (const RuleNote& note : explanation.rules) {
      const RuleInfo& info = policy.rule(note.rule);
      const bool fits = info.grant != nullptr &&
                        FitsAll(*info.agreement, *info.grant, one.request);
      if (!note.acts && !fits) idle.insert(note.rule);
    }
    StateFacts state = one.state;
    const CompiledPolicy without(Without(policy, idle, state));
    const Decision after = Judge(without, one.request, one.record, state);
    EXPECT_EQ(after.outcome, explanation.decision.outcome);
    EXPECT_EQ(after.reason, explanation.decision.reason);
    EXPECT_EQ(after.released, explanation.decision.released);
    EXPECT_EQ(after.duties, explanation.decision.duties);
  });
}

}  // namespace
}  // namespace comity
