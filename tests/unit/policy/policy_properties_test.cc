// The properties of policy.md 2.7 by number, each over random policies.
#include <algorithm>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "node/policy/dimensions.h"
#include "node/policy/judge.h"
#include "tests/support/random_policy.h"
#include "tests/support/status_matchers.h"
#include "tests/support/verdicts.h"

namespace comity {
namespace {

Decision Decide(const CompiledPolicy& policy, const RandomCase& one) {
  return Judge(policy, one.request, one.record, one.state);
}

// Calls `check(policy, case)` on `sets` x 5 random pairs.
template <typename Check>
void ForAll(uint64_t seed, int sets, const Check& check) {
  RandomPolicy random(seed);
  for (int i = 0; i < sets && !testing::Test::HasFailure(); ++i) {
    const CompiledPolicy policy(random.NextSet());
    for (int j = 0; j < 5; ++j) check(policy, random.NextCase(policy));
  }
}

// The ids of the rules that decided; numbers change with the order of rules.
std::multiset<std::string> DecidingRules(const CompiledPolicy& policy,
                                         const Decision& decision) {
  std::multiset<std::string> ids;
  for (const RuleRef rule : decision.rules) ids.insert(policy.rule(rule).id);
  return ids;
}

// A decision in words that do not depend on the numbers of rules.
std::string Words(const CompiledPolicy& policy, Decision decision) {
  const std::multiset<std::string> ids = DecidingRules(policy, decision);
  decision.rules.clear();
  return absl::StrCat(Verdict(decision), " ", absl::StrJoin(ids, ","));
}

// Moves charges to where the same rules stand in another set.
StateFacts Renumbered(const StateFacts& state, const CompiledPolicy& from,
                      const CompiledPolicy& to) {
  const auto same = [&](const RuleInfo& a, const RuleInfo& b) {
    return a.id == b.id && (a.grant == nullptr) == (b.grant == nullptr) &&
           (a.deny == nullptr) == (b.deny == nullptr) &&
           (a.agreement == nullptr ||
            a.agreement->digest == b.agreement->digest);
  };
  StateFacts moved = state;
  moved.used.clear();
  for (const LimitUse& use : state.used) {
    for (RuleRef rule = 0; rule < to.rules().size(); ++rule) {
      if (!same(from.rule(use.rule), to.rule(rule))) continue;
      moved.used.push_back({rule, use.kind, use.used});
    }
  }
  return moved;
}

TEST(PolicyPropertiesTest, P1AnEmptySetPermitsProtectiveOperationsOnly) {
  const CompiledPolicy empty{PolicySet()};
  ForAll(1, 1000, [&](const CompiledPolicy& policy, RandomCase one) {
    one.state = StateFacts();
    const bool permitted = Decide(empty, one).outcome == Outcome::kPermit;
    EXPECT_TRUE(!permitted || IsProtective(one.request.operation));
    PolicySet no_agreement = policy.set();
    no_agreement.agreements.clear();
    const CompiledPolicy rules(no_agreement);
    EXPECT_EQ(Decide(rules, one).outcome == Outcome::kPermit, permitted);
  });
}

int Rank(Outcome outcome) { return static_cast<int>(outcome); }

// Whether `narrow` tells, and lets pass, no more than `wide`, and asks at least
// as much of the receiver for what it tells.
void ExpectNoWider(const Decision& narrow, const Decision& wide) {
  EXPECT_TRUE(narrow.released.IsSubsetOf(wide.released));
  EXPECT_LE(Rank(narrow.outcome), Rank(wide.outcome)) << Verdict(narrow) << "\n"
                                                      << Verdict(wide);
}

// A random deny or require with random conditions, groups and override.
NationalRules Joined(NationalRules rules, const NationalRules& more) {
  for (Deny deny : more.denies) {
    deny.id = absl::StrCat("more-", deny.id);
    rules.denies.push_back(std::move(deny));
  }
  for (Require require : more.requires_) {
    require.id = absl::StrCat("more-", require.id);
    rules.requires_.push_back(std::move(require));
  }
  return rules;
}

TEST(PolicyPropertiesTest, P2NoNationalRuleWidens) {
  RandomPolicy more(22);
  int narrowed = 0;
  ForAll(2, 3000, [&](const CompiledPolicy& policy, const RandomCase& one) {
    PolicySet set = policy.set();
    const PolicySet other = more.NextSet();
    if (!set.national.has_value() || !other.national.has_value()) return;
    set.national = Joined(*set.national, *other.national);
    const CompiledPolicy wider(set);
    RandomCase same = one;
    same.state = Renumbered(one.state, policy, wider);
    const Decision before = Decide(policy, one);
    const Decision after = Decide(wider, same);
    ExpectNoWider(after, before);
    narrowed += Verdict(after) != Verdict(before) ? 1 : 0;
  });
  EXPECT_GT(narrowed, 1500);
}

// Without any national file nothing more is told than with one.
TEST(PolicyPropertiesTest, P2NoNationalFileWidens) {
  ForAll(23, 3000, [](const CompiledPolicy& policy, const RandomCase& one) {
    PolicySet set = policy.set();
    set.national.reset();
    const CompiledPolicy bare(set);
    RandomCase same = one;
    same.state = Renumbered(one.state, policy, bare);
    ExpectNoWider(Decide(policy, one), Decide(bare, same));
  });
}

// One record fact made unknown in a copy of `record`; empty past the last.
struct Forgotten {
  std::string fact;
  RecordFacts record;
};
std::vector<Forgotten> EachForgotten(const RecordFacts& record) {
  std::vector<Forgotten> all;
  const auto forget = [&](std::string fact, auto change) {
    all.push_back({std::move(fact), record});
    change(all.back().record);
  };
  for (const FieldGroup group : kShareableGroups.Values()) {
    const auto i = static_cast<size_t>(group);
    forget(absl::StrCat("consent ", i),
           [i](RecordFacts& r) { r.consent[i] = ConsentState::kUnset; });
  }
  forget("all consent",
         [](RecordFacts& r) { r.consent.fill(ConsentState::kUnset); });
  forget("danger",
         [](RecordFacts& r) { r.danger = BuiltInDanger::kUnscreened; });
  forget("age", [](RecordFacts& r) { r.age = AgeClass::kUnset; });
  forget("risks", [](RecordFacts& r) {
    r.risks_known = false;
    r.risks = EnumSet<RiskMarker>();
  });
  forget("which risks", [](RecordFacts& r) { r.risks_known = false; });
  forget("origin",
         [](RecordFacts& r) { r.origin = EnumSet<CountryRelation>(); });
  forget("exploitation",
         [](RecordFacts& r) { r.exploitation = EnumSet<CountryRelation>(); });
  forget("stage", [](RecordFacts& r) { r.stage = DossierStage::kUnset; });
  forget("record age",
         [](RecordFacts& r) { r.record_age = RecordAge::kUnset; });
  return all;
}

TEST(PolicyPropertiesTest, P3IgnoranceOfARecordFactNeverWidens) {
  std::set<std::string> mattered;
  ForAll(3, 6000, [&](const CompiledPolicy& policy, const RandomCase& one) {
    if (!one.record.present) return;
    const Decision known = Decide(policy, one);
    for (const Forgotten& forgotten : EachForgotten(one.record)) {
      RandomCase other = one;
      other.record = forgotten.record;
      const Decision unknown = Decide(policy, other);
      EXPECT_TRUE(unknown.released.IsSubsetOf(known.released))
          << forgotten.fact;
      EXPECT_LE(Rank(unknown.outcome), Rank(known.outcome)) << forgotten.fact;
      if (unknown.outcome != known.outcome) mattered.insert(forgotten.fact);
    }
  });
  EXPECT_EQ(mattered.size(), EachForgotten(RecordFacts()).size());
}

// At the holder, no record at hand is the least that can be known of one.
TEST(PolicyPropertiesTest, P3IgnoranceOfTheWholeRecordNeverWidens) {
  ForAll(31, 6000, [](const CompiledPolicy& policy, const RandomCase& one) {
    if (one.request.self != one.request.holder || !one.record.present) return;
    if (one.request.operation == Operation::kReferralAccept ||
        one.request.operation == Operation::kReferralEvent ||
        IsProtective(one.request.operation)) {
      return;  // decided without a record at who only receives
    }
    RandomCase other = one;
    other.record = RecordFacts();
    ExpectNoWider(Decide(policy, other), Decide(policy, one));
  });
}

// An emergency only ever opens; without one nothing more is told.
TEST(PolicyPropertiesTest, P3WithoutAnEmergencyNothingMoreIsTold) {
  ForAll(32, 6000, [](const CompiledPolicy& policy, const RandomCase& one) {
    RandomCase calm = one;
    calm.state.emergency = false;
    RandomCase declared = one;
    declared.state.emergency = true;
    const Decision without = Decide(policy, calm);
    const Decision with = Decide(policy, declared);
    ExpectNoWider(without, with);
    EXPECT_FALSE(without.break_glass);
    // What is told because of it is marked for review.
    EXPECT_TRUE(with.outcome != Outcome::kPermit ||
                with.released == without.released || with.break_glass);
  });
}

template <typename T>
void Shuffle(std::vector<T>& list, std::mt19937_64& random) {
  std::shuffle(list.begin(), list.end(), random);
}

TEST(PolicyPropertiesTest, P4OrderOfRulesAndFilesDoesNotMatter) {
  std::mt19937_64 order(4);
  ForAll(4, 3000, [&](const CompiledPolicy& policy, const RandomCase& one) {
    PolicySet set = policy.set();
    Shuffle(set.agreements, order);
    for (Agreement& agreement : set.agreements) {
      Shuffle(agreement.grants, order);
      Shuffle(agreement.party, order);
      for (ParticipantGroup& group : agreement.groups) {
        Shuffle(group.members, order);
      }
      for (Grant& grant : agreement.grants) {
        Shuffle(grant.holder, order);
        Shuffle(grant.asker, order);
      }
    }
    if (set.national.has_value()) {
      Shuffle(set.national->denies, order);
      Shuffle(set.national->requires_, order);
    }
    const CompiledPolicy shuffled(set);
    RandomCase same = one;
    same.state = Renumbered(one.state, policy, shuffled);
    EXPECT_EQ(Words(policy, Decide(policy, one)),
              Words(shuffled, Decide(shuffled, same)));
  });
}

TEST(PolicyPropertiesTest, P5TheIndexFindsWhatALinearReadingFinds) {
  size_t found = 0;
  ForAll(5, 8000, [&](const CompiledPolicy& policy, const RandomCase& one) {
    const PolicySet& set = policy.set();
    const auto* agreement =
        policy.Find(one.request.agreement_id, one.request.agreement_digest);
    std::vector<const void*> indexed;
    std::vector<const void*> linear;
    if (agreement != nullptr) {
      policy.ForEachGrant(*agreement, one.request,
                          [&](RuleRef rule, const Grant& grant, const Duties&) {
                            EXPECT_EQ(policy.rule(rule).grant, &grant);
                            indexed.push_back(&grant);
                          });
      for (const Grant& grant : agreement->agreement->grants) {
        if (FitsAll(*agreement->agreement, grant, one.request)) {
          linear.push_back(&grant);
        }
      }
    }
    policy.ForEachDeny(one.request, [&](RuleRef rule, const Deny& deny) {
      EXPECT_EQ(policy.rule(rule).deny, &deny);
      indexed.push_back(&deny);
    });
    policy.ForEachRequire(one.request, [&](RuleRef rule, const Require& r) {
      EXPECT_EQ(policy.rule(rule).require, &r);
      indexed.push_back(&r);
    });
    if (set.national.has_value()) {
      for (const Deny& deny : set.national->denies) {
        if (FitsAll(*set.national, deny, one.request)) linear.push_back(&deny);
      }
      for (const Require& r : set.national->requires_) {
        if (FitsAll(*set.national, r, one.request)) linear.push_back(&r);
      }
    }
    EXPECT_EQ(indexed, linear);
    found += linear.size();
  });
  EXPECT_GT(found, 40000u);
}

// Decides just before `end` and at it.
struct Boundary {
  Decision before;
  Decision at;
};
Boundary Across(const CompiledPolicy& policy, RandomCase one, absl::Time end) {
  one.request.now = end - absl::Seconds(1);
  Boundary boundary{Decide(policy, one), {}};
  one.request.now = end;
  boundary.at = Decide(policy, one);
  return boundary;
}

bool OutlivesAgreements(Operation operation) {
  return IsProtective(operation) || operation == Operation::kReferralEvent;
}

TEST(PolicyPropertiesTest, P6AnAgreementEndsAtItsEndAndNotASecondBefore) {
  int ended = 0;
  ForAll(6, 4000, [&](const CompiledPolicy& policy, RandomCase one) {
    const auto* found =
        policy.Find(one.request.agreement_id, one.request.agreement_digest);
    if (found == nullptr) return;
    one.request.member_on = one.request.now;  // of groups, nothing changes
    const absl::Time end = found->agreement->valid_until;
    const Boundary edge = Across(policy, one, end);
    if (OutlivesAgreements(one.request.operation)) {
      EXPECT_EQ(Verdict(edge.at), Verdict(edge.before));
      return;
    }
    EXPECT_NE(edge.at.outcome, Outcome::kPermit);
    EXPECT_NE(edge.at.outcome, Outcome::kHold);
    if (edge.at.reason == ErrorReason::kFieldInvalid) return;
    EXPECT_EQ(edge.at.reason, ErrorReason::kAgreementNotInForce);
    ended += edge.before.outcome == Outcome::kPermit ? 1 : 0;
    // One second more changes nothing any more, one less changed nothing yet.
    const Boundary early = Across(policy, one, end - absl::Seconds(1));
    bool grant_ends = false;
    for (const Grant& grant : found->agreement->grants) {
      grant_ends |= grant.valid_until == end - absl::Seconds(1);
    }
    EXPECT_TRUE(grant_ends || Verdict(early.before) == Verdict(early.at));
  });
  EXPECT_GT(ended, 4000);
}

TEST(PolicyPropertiesTest, P6AGrantEndsAtItsEndAsIfItWereNotThere) {
  int changed = 0;
  ForAll(66, 6000, [&](const CompiledPolicy& policy, RandomCase one) {
    const auto* found =
        policy.Find(one.request.agreement_id, one.request.agreement_digest);
    if (found == nullptr || OutlivesAgreements(one.request.operation)) return;
    one.request.member_on = one.request.now;
    for (const Grant& grant : found->agreement->grants) {
      if (!grant.valid_until.has_value()) continue;
      const Boundary edge = Across(policy, one, *grant.valid_until);
      PolicySet set = policy.set();
      for (Agreement& agreement : set.agreements) {
        if (agreement.digest != found->agreement->digest) continue;
        auto& grants = agreement.grants;
        grants.erase(std::remove_if(grants.begin(), grants.end(),
                                    [&](const Grant& other) {
                                      return other.valid_until ==
                                             grant.valid_until;
                                    }),
                     grants.end());
      }
      const CompiledPolicy without(set);
      RandomCase same = one;
      same.request.now = *grant.valid_until;
      same.state = Renumbered(one.state, policy, without);
      EXPECT_EQ(Words(policy, edge.at), Words(without, Decide(without, same)));
      changed += Verdict(edge.at) != Verdict(edge.before) ? 1 : 0;
    }
  });
  EXPECT_GT(changed, 500);
}

// What the asker can compute: its own node, with no record, the other's
// national rules unknown, decides the same refusals and holds.
TEST(PolicyPropertiesTest, P7SharedAnswersAreTheSameAtBothNodes) {
  int refused = 0;
  ForAll(7, 4000, [&](const CompiledPolicy& policy, const RandomCase& one) {
    const Decision here = Decide(policy, one);
    PolicySet theirs = policy.set();
    theirs.national.reset();
    const CompiledPolicy other(theirs);
    RandomCase there = one;
    std::swap(there.request.self, there.request.peer);
    there.record = RecordFacts();
    there.state = Renumbered(one.state, policy, other);
    there.state.approvals_at_home = 0;
    there.state.emergency = false;
    if (one.request.self != one.request.holder) return;
    const Decision away = Decide(other, there);
    if (here.shared && here.outcome != Outcome::kPermit) {
      ++refused;
      EXPECT_EQ(Verdict(here), Verdict(away));
    } else {
      EXPECT_EQ(away.outcome, Outcome::kPermit) << Verdict(here);
      EXPECT_TRUE(here.released.IsSubsetOf(away.released));
    }
  });
  EXPECT_GT(refused, 2500);
}

// What leaves of a decision: the case answer and its refusal are made of this.
std::string Abroad(const Decision& decision) {
  if (decision.outcome == Outcome::kPermit) return "released";
  return std::string(ReasonName(decision.reason));
}

TEST(PolicyPropertiesTest, P8PrivateRefusalsLookLikeNoSuchRecord) {
  int refused = 0;
  ForAll(8, 8000, [&](const CompiledPolicy& policy, const RandomCase& one) {
    const Decision decision = Decide(policy, one);
    if (decision.shared) return;
    ++refused;
    // The decoy: no screening, nothing known.
    RandomCase decoy = one;
    decoy.record = RecordFacts();
    decoy.record.present = true;
    EXPECT_TRUE(decision.released.empty());
    EXPECT_EQ(decision.duties, Duties());
    EXPECT_EQ(decision.reason, ErrorReason::kNotAvailable);
    if (one.request.operation == Operation::kAggregateCount) return;
    EXPECT_EQ(Abroad(decision), Abroad(Decide(policy, decoy)));
  });
  EXPECT_GT(refused, 8000);
}

Duties RandomDuties(std::mt19937_64& random) {
  const auto below = [&](uint32_t bound) {
    return static_cast<uint32_t>(random() % bound);
  };
  Duties duties;
  for (Redaction& how : duties.redact) how = static_cast<Redaction>(below(6));
  duties.approvals = below(4);
  duties.notify = EnumSet<NoticeTarget>::FromBits(below(128) << 1);
  duties.max_per_hour = below(4);
  duties.max_per_day = below(4);
  duties.max_per_month = below(4);
  duties.max_per_officer_per_day = below(4);
  duties.k_threshold = below(4);
  duties.yearly_budget = below(4);
  duties.count_method = static_cast<CountMethod>(below(5));
  duties.aggregation = static_cast<Aggregation>(below(3));
  duties.linked_tables = below(4);
  duties.epsilon_thousandths = below(4);
  duties.epsilon_asker_thousandths = below(4);
  duties.epsilon_all_thousandths = below(4);
  duties.delta_exponent = below(4);
  duties.delta_budget_exponent = below(4);
  duties.retention_days = below(4);
  duties.no_onward_transfer = below(2) == 1;
  return duties;
}

TEST(PolicyPropertiesTest, P9DutiesJoinInAnyOrderAndGrouping) {
  std::mt19937_64 random(9);
  for (int i = 0; i < 20000; ++i) {
    const Duties a = RandomDuties(random);
    const Duties b = RandomDuties(random);
    const Duties c = RandomDuties(random);
    ASSERT_EQ(Join(a, b), Join(b, a));
    ASSERT_EQ(Join(Join(a, b), c), Join(a, Join(b, c)));
    ASSERT_EQ(Join(a, a), a);
    ASSERT_EQ(Join(a, Duties()), a);
    // Joining never weakens: what is joined in already is inside.
    ASSERT_EQ(Join(Join(a, b), b), Join(a, b));
  }
}

}  // namespace
}  // namespace comity
