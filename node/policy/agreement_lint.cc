#include "node/policy/agreement_lint.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/status_macros.h"
#include "node/domain/thousandths.h"
#include "node/policy/budgets.h"
#include "node/policy/policy_diff.h"

namespace comity {
namespace {

using Findings = std::vector<LintFinding>;

constexpr uint32_t kWorkingDays = 5;
constexpr uint32_t kDays = 7;
// What one table may tell before its noise hides hardly anybody.
constexpr uint32_t kLargeEpsilon = 1000;

// The file and place of the grant that an answer came from.
void PlaceOf(const HolderPolicies& policies, const PolicyChange& change,
             LintFinding& finding) {
  for (const Agreement& agreement : policies.agreements()) {
    if (agreement.id != change.agreement) continue;
    finding.file = agreement.file;
    for (const Grant& grant : agreement.grants) {
      const auto& rules = change.after.rules;
      if (std::find(rules.begin(), rules.end(),
                    absl::StrCat(agreement.id, "/", grant.id)) != rules.end()) {
        finding.place = grant.places.rule;
        return;
      }
    }
  }
}

// Every table that the budget of all lets out has a delta of its own, and they
// add up to more than the budget of delta.
bool DeltaEndsFirst(const Duties& duties) {
  if (duties.epsilon_thousandths == 0) return false;
  const uint64_t tables =
      duties.epsilon_all_thousandths / duties.epsilon_thousandths;
  return tables * DeltaTrillionths(duties.delta_exponent) > DeltaBudget(duties);
}

// [delta-budget-first], [delta-large].
void LintDelta(const Agreement& agreement, const Grant& grant,
               const Duties& duties, Findings& findings) {
  if (duties.count_method != CountMethod::kDiscreteGaussian) return;
  const auto add = [&](const char* code, const std::string& message,
                       const char* suggestion) {
    findings.push_back(
        {code, agreement.file, grant.places.rule, message, suggestion});
  };
  if (DeltaEndsFirst(duties)) {
    add("delta-budget-first",
        absl::StrCat("grant ", grant.id,
                     " gives each table a delta of 1 in 10^",
                     duties.delta_exponent,
                     ", of which the budget is spent before that of epsilon"),
        "raise delta_exponent, or lower epsilon_all_thousandths");
  }
  if (DeltaBudget(duties) > DeltaTrillionths(kUsualDeltaBudget)) {
    add("delta-large",
        absl::StrCat("grant ", grant.id,
                     " lets the deltas of all tables of a period come to 1 in "
                     "10^",
                     duties.delta_budget_exponent,
                     ", which so many persons may be"),
        "leave delta_budget_exponent out, or raise it");
  }
}

}  // namespace

// [deadlines-unused], [deadline-out-of-order].
void LintDeadlines(const Agreement& agreement, Findings& findings) {
  if (agreement.stated_deadlines.empty()) return;
  const auto add = [&](const char* code, const char* field,
                       const std::string& message, const char* suggestion) {
    findings.push_back({code, agreement.file,
                        agreement.places.Of(absl::StrCat("deadlines", field)),
                        message, suggestion});
  };
  if (!agreement.GrantsReferrals()) {
    add("deadlines-unused", "",
        absl::StrCat("agreement ", agreement.id,
                     " says how long the steps of a referral take, and grants "
                     "no REFERRAL_DELIVER"),
        "take the block out, or grant referrals");
    return;
  }
  const ReferralDeadlines& limits = agreement.deadlines;
  if (limits.triage_working_days > limits.decide_working_days) {
    add("deadline-out-of-order", ".triage_working_days",
        absl::StrCat("the first look is due after ", limits.triage_working_days,
                     " working days, the decision after ",
                     limits.decide_working_days),
        "let the first look come before the decision");
  }
  if (limits.decide_working_days * kDays >= limits.expiry_days * kWorkingDays) {
    add("deadline-out-of-order", ".expiry_days",
        absl::StrCat("a referral ends by itself after ", limits.expiry_days,
                     " days, before its decision is due after ",
                     limits.decide_working_days, " working days"),
        "let it end later, or the decision come earlier");
  }
}

// [epsilon-large], [epsilon-budget-unreachable].
void LintEpsilon(const Agreement& agreement, Findings& findings) {
  for (const Grant& grant : agreement.grants) {
    const Duties duties = Join(agreement.duties, grant.duties);
    if (!TellsEpsilon(duties.count_method)) continue;
    LintDelta(agreement, grant, duties, findings);
    if (duties.epsilon_thousandths > kLargeEpsilon) {
      findings.push_back(
          {"epsilon-large", agreement.file, grant.places.rule,
           absl::StrCat("grant ", grant.id, " gives ",
                        ThousandthsText(duties.epsilon_thousandths),
                        " of epsilon to one table, whose noise then hides "
                        "hardly anybody"),
           "give a table at most 1 (epsilon_thousandths: 1000)"});
    }
    if (duties.epsilon_asker_thousandths > duties.epsilon_all_thousandths) {
      findings.push_back(
          {"epsilon-budget-unreachable", agreement.file, grant.places.rule,
           absl::StrCat("grant ", grant.id, " lets one asker be told ",
                        ThousandthsText(duties.epsilon_asker_thousandths),
                        " of epsilon, and all of them together ",
                        ThousandthsText(duties.epsilon_all_thousandths)),
           "let the budget of all be the larger one"});
    }
  }
}

// [broader-than-before].
absl::Status LintWidening(const HolderPolicies& policies,
                          const LintOptions& options, Findings& findings) {
  if (options.previous == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const PolicyDiff diff,
                   DiffPolicies(*options.previous, policies, {options.now}));
  for (const PolicyChange& change : diff.changes) {
    if (change.kind != ChangeKind::kWidened) continue;
    LintFinding finding{"broader-than-before",
                        "",
                        {},
                        Sentence(diff.axes, change),
                        "make sure that this was decided",
                        change.witness};
    PlaceOf(policies, change, finding);
    findings.push_back(std::move(finding));
  }
  return absl::OkStatus();
}

}  // namespace comity
