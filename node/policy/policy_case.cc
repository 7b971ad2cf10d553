#include "node/policy/policy_case.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/policy/judge.h"

namespace comity {
namespace {

// A decision in words, whatever policy it was made under.
struct Verdict {
  Decision decision;
  std::vector<std::string> rules;
};

std::string YesOrNo(bool value) { return value ? "yes" : "no"; }

std::string ReasonText(ErrorReason reason) {
  return reason == ErrorReason::kUnspecified ? "none"
                                             : std::string(ReasonName(reason));
}

std::string WhyText(PrivateReason why) {
  return why == PrivateReason::kNone ? "none" : std::string(Name(why));
}

std::string GroupsText(FieldGroups groups) {
  if (groups.empty()) return "nothing";
  return absl::StrJoin(groups.Values(), ", ",
                       [](std::string* out, FieldGroup group) {
                         absl::StrAppend(out, Name(group));
                       });
}

std::string ListText(std::vector<std::string> list, const char* separator) {
  std::sort(list.begin(), list.end());
  return list.empty() ? "none" : absl::StrJoin(list, separator);
}

RequestFacts Resolve(const PolicySet& set, const PolicyCase& tested) {
  RequestFacts request = *tested.request;
  if (const Agreement* cited = set.FindLast(request.agreement_id)) {
    request.agreement_digest = cited->digest;
  }
  return request;
}

StateFacts Resolve(const CompiledPolicy& policy, const PolicyCase& tested) {
  StateFacts state = tested.state;
  for (const NamedUse& use : tested.used) {
    for (size_t i = 0; i < policy.rules().size(); ++i) {
      if (policy.rules()[i].id == use.rule) {
        state.used.push_back({static_cast<RuleRef>(i), use.kind, use.used});
      }
    }
  }
  return state;
}

Verdict Decide(const CompiledPolicy& policy, const PolicyCase& tested) {
  Verdict verdict;
  verdict.decision = Judge(policy, Resolve(policy.set(), tested), tested.record,
                           Resolve(policy, tested));
  for (const RuleRef rule : verdict.decision.rules) {
    verdict.rules.push_back(policy.rule(rule).id);
  }
  return verdict;
}

Verdict DecideAtHome(const PolicyEngine& engine, const PolicyCase& tested) {
  const HomeFacts& home = *tested.home;
  const auto permit = engine.DecideLocal(
      home.caller, home.operation,
      home.subject.has_value() ? &*home.subject : nullptr, tested.now);
  Verdict verdict;
  verdict.decision.outcome = permit.ok() ? Outcome::kPermit : Outcome::kDeny;
  verdict.decision.reason = ReasonOf(permit.status());
  return verdict;
}

bool SameAnswer(const Decision& a, const Decision& b) {
  return a.outcome == b.outcome && a.reason == b.reason &&
         a.private_reason == b.private_reason && a.released == b.released &&
         a.duties == b.duties && a.approvals_missing == b.approvals_missing &&
         a.break_glass == b.break_glass;
}

// The set without one national rule.
PolicySet Without(PolicySet set, const RuleInfo& rule) {
  const auto is = [&](const auto& one) {
    return absl::StrCat("national/", one.id) == rule.id;
  };
  auto& national = *set.national;
  national.denies.erase(
      std::remove_if(national.denies.begin(), national.denies.end(), is),
      national.denies.end());
  national.requires_.erase(
      std::remove_if(national.requires_.begin(), national.requires_.end(), is),
      national.requires_.end());
  return set;
}

// A decision names neither the denials that withhold a part nor the
// requirements of a refusal, so ask what it would be without each.
std::set<std::string> NationalRulesThatMatter(const CompiledPolicy& policy,
                                              const PolicyCase& tested,
                                              const Decision& decision) {
  const RequestFacts request = Resolve(policy.set(), tested);
  std::vector<RuleRef> fitting;
  policy.ForEachDeny(
      request, [&](RuleRef rule, const Deny&) { fitting.push_back(rule); });
  policy.ForEachRequire(
      request, [&](RuleRef rule, const Require&) { fitting.push_back(rule); });
  std::set<std::string> decided;
  for (const RuleRef rule : fitting) {
    const CompiledPolicy without(Without(policy.set(), policy.rule(rule)));
    if (!SameAnswer(Decide(without, tested).decision, decision)) {
      decided.insert(policy.rule(rule).id);
    }
  }
  return decided;
}

// The local rules that give it, each by itself.
std::set<std::string> LocalRulesThatGive(const PolicyEngine& engine,
                                         const PolicyCase& tested) {
  std::set<std::string> decided;
  if (!engine.set().local.has_value()) return decided;
  for (const LocalGrant& grant : engine.set().local->grants) {
    PolicySet alone;
    alone.local = *engine.set().local;
    alone.local->grants = {grant};
    const PolicyEngine only(std::move(alone), engine.version());
    if (DecideAtHome(only, tested).decision.outcome == Outcome::kPermit) {
      decided.insert(absl::StrCat("local/", grant.id));
    }
  }
  return decided;
}

class Comparison {
 public:
  void Add(const char* what, const std::string& expected,
           const std::string& got) {
    if (expected != got) found_.push_back({what, expected, got});
  }
  std::vector<Difference> Take() { return std::move(found_); }

 private:
  std::vector<Difference> found_;
};

std::vector<Difference> Compare(const Expectation& expected,
                                const Verdict& got) {
  Comparison comparison;
  const Decision& decision = got.decision;
  comparison.Add("outcome", std::string(Name(expected.outcome)),
                 std::string(Name(decision.outcome)));
  if (expected.reason.has_value()) {
    comparison.Add("reason", ReasonText(*expected.reason),
                   ReasonText(decision.reason));
  }
  if (expected.why.has_value()) {
    comparison.Add("why", WhyText(*expected.why),
                   WhyText(decision.private_reason));
  }
  comparison.Add("release", GroupsText(expected.released),
                 GroupsText(decision.released));
  if (expected.duties.has_value()) {
    comparison.Add("duties", ListText(DutyLines(*expected.duties), "; "),
                   ListText(DutyLines(decision.duties), "; "));
  }
  if (expected.rules.has_value()) {
    comparison.Add("rule", ListText(*expected.rules, ", "),
                   ListText(got.rules, ", "));
  }
  if (expected.shared.has_value()) {
    comparison.Add("told_to_asker", YesOrNo(*expected.shared),
                   YesOrNo(decision.shared));
  }
  if (expected.approvals_missing.has_value()) {
    comparison.Add("approvals_missing",
                   absl::StrCat(*expected.approvals_missing),
                   absl::StrCat(decision.approvals_missing));
  }
  if (expected.break_glass.has_value()) {
    comparison.Add("break_glass", YesOrNo(*expected.break_glass),
                   YesOrNo(decision.break_glass));
  }
  return comparison.Take();
}

}  // namespace

CaseResult RunCase(const PolicyEngine& engine, const PolicyCase& tested) {
  CaseResult result;
  if (tested.home.has_value()) {
    Verdict verdict = DecideAtHome(engine, tested);
    result.decided = LocalRulesThatGive(engine, tested);
    verdict.rules.assign(result.decided.begin(), result.decided.end());
    result.differences = Compare(tested.expected, verdict);
    return result;
  }
  const Verdict verdict = Decide(engine.policy(), tested);
  result.differences = Compare(tested.expected, verdict);
  result.decided =
      NationalRulesThatMatter(engine.policy(), tested, verdict.decision);
  result.decided.insert(verdict.rules.begin(), verdict.rules.end());
  return result;
}

std::set<std::string> RuleIds(const PolicySet& set) {
  std::set<std::string> ids;
  const CompiledPolicy policy(set);
  for (const RuleInfo& rule : policy.rules()) ids.insert(rule.id);
  if (!set.local.has_value()) return ids;
  for (const LocalGrant& grant : set.local->grants) {
    ids.insert(absl::StrCat("local/", grant.id));
  }
  return ids;
}

std::vector<std::string> DutyLines(const Duties& duties) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < duties.redact.size(); ++i) {
    if (duties.redact[i] == Redaction::kUnset) continue;
    lines.push_back(absl::StrCat("redact: ", Name(static_cast<FieldGroup>(i)),
                                 " ", Name(duties.redact[i])));
  }
  for (const NoticeTarget target : duties.notify.Values()) {
    lines.push_back(absl::StrCat("notify: ", Name(target)));
  }
  const auto number = [&](const char* name, uint32_t value) {
    if (value != 0) lines.push_back(absl::StrCat(name, ": ", value));
  };
  number("approvals", duties.approvals);
  number("max_per_hour", duties.max_per_hour);
  number("max_per_day", duties.max_per_day);
  number("max_per_month", duties.max_per_month);
  number("max_per_officer_per_day", duties.max_per_officer_per_day);
  number("k_threshold", duties.k_threshold);
  number("yearly_budget", duties.yearly_budget);
  if (duties.count_method != CountMethod::kUnset) {
    lines.emplace_back(
        absl::StrCat("count_method: ", Name(duties.count_method)));
  }
  if (duties.aggregation != Aggregation::kUnset) {
    lines.emplace_back(absl::StrCat("aggregation: ", Name(duties.aggregation)));
  }
  number("linked_tables", duties.linked_tables);
  number("epsilon_thousandths", duties.epsilon_thousandths);
  number("epsilon_asker_thousandths", duties.epsilon_asker_thousandths);
  number("epsilon_all_thousandths", duties.epsilon_all_thousandths);
  number("delta_exponent", duties.delta_exponent);
  number("delta_budget_exponent", duties.delta_budget_exponent);
  number("retention_days", duties.retention_days);
  if (duties.no_onward_transfer) lines.emplace_back("no_onward_transfer: true");
  return lines;
}

}  // namespace comity
