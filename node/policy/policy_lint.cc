#include "node/policy/policy_lint.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/status_macros.h"
#include "node/policy/agreement_lint.h"
#include "node/policy/both_sides_lint.h"
#include "node/policy/dimensions.h"
#include "node/policy/rule_use.h"

namespace comity {
namespace {

using Findings = std::vector<LintFinding>;

// A denial without operation and asker is looked at in every decision; more of
// them cost more than a microsecond (policy.md 3.3).
constexpr size_t kMaxOpenDenials = 64;
constexpr const char* kSafeguard =
    "keep it as a safeguard for later agreements, or take it out";
constexpr absl::Duration kSoon = absl::Hours(24 * 30);

std::string Day(absl::Time at) {
  return absl::FormatTime("%Y-%m-%d", at, absl::UTCTimeZone());
}

template <typename Enum>
std::string Names(EnumSet<Enum> set) {
  return absl::StrJoin(set.Values(), ", ", [](std::string* out, Enum value) {
    absl::StrAppend(out, Name(value));
  });
}

FieldGroups RedactedIn(const Duties& duties) {
  FieldGroups groups;
  for (size_t i = 0; i < duties.redact.size(); ++i) {
    if (duties.redact[i] != Redaction::kUnset) {
      groups = groups.With(static_cast<FieldGroup>(i));
    }
  }
  return groups;
}

// What all agreements together grant.
struct Granted {
  FieldGroups fields;
  EnumSet<Role> roles;
  EnumSet<Purpose> purposes;
  EnumSet<Operation> operations;
};

Granted GrantedBy(const HolderPolicies& policies) {
  Granted granted;
  for (const Agreement& agreement : policies.agreements()) {
    for (const Grant& grant : agreement.grants) {
      granted.fields = granted.fields.Union(grant.release);
      granted.roles = granted.roles.Union(grant.role);
      granted.purposes = granted.purposes.Union(grant.purpose);
      granted.operations = granted.operations.Union(grant.operation);
    }
  }
  return granted;
}

// [agreement-expired], [agreement-ends-soon], [grant-expired],
// [grant-ends-soon]. True if the grant can still be used.
bool LintEnd(const std::string& what, const char* code, absl::Time until,
             const std::string& file, FilePlace place, absl::Time now,
             absl::Duration soon, Findings& findings) {
  if (now >= until) {
    findings.push_back({absl::StrCat(code, "-expired"), file, place,
                        absl::StrCat(what, " ended on ", Day(until)),
                        "agree on a new revision, or take it out"});
    return false;
  }
  if (until - now < soon) {
    findings.push_back({absl::StrCat(code, "-ends-soon"), file, place,
                        absl::StrCat(what, " ends on ", Day(until)),
                        "prepare the next revision with the other parties"});
  }
  return true;
}

// [grant-unreachable], [grant-shadowed].
void LintUse(const Agreement& agreement, const Grant& grant, const RuleUse& use,
             Findings& findings) {
  const auto add = [&](const char* code, const std::string& message,
                       const char* suggestion) {
    findings.push_back({code, agreement.file, grant.places.rule,
                        absl::StrCat("grant ", grant.id, " ", message),
                        suggestion, use.witness});
  };
  if (!use.matches) {
    add("grant-unreachable", "fits no request that there can be",
        "compare its parties, operations and conditions");
  } else if (!use.acts) {
    add("grant-unreachable",
        absl::StrCat(
            "gives nothing: national denials refuse whatever fits it (",
            absl::StrJoin(use.refused_by, ", "), ")"),
        "narrow the denial, or take the grant out");
  } else if (!use.alone && use.companions.empty()) {
    add("grant-shadowed",
        "gives nothing that other grants do not give together",
        "take it out, or say in a note what it is for");
  } else if (!use.alone) {
    add("grant-shadowed",
        absl::StrCat("gives nothing that ", *use.companions.begin(),
                     " does not give; where both fit, the stricter of their "
                     "duties hold"),
        "take it out, or narrow the other one");
  }
}

// [approvals-unreachable].
void LintApprovals(const Duties& duties, const std::string& file,
                   const RulePlaces& places, const std::string& what,
                   uint32_t approvers, Findings& findings) {
  if (approvers == 0 || duties.approvals <= approvers) return;
  findings.push_back(
      {"approvals-unreachable", file, places.Of("duties.approvals"),
       absl::StrCat(what, " demands ", duties.approvals,
                    " approvals, and only ", approvers, " can approve"),
       "ask for fewer, or let more people approve"});
}

// [field-unreleased] of a duty that makes a group coarser.
void LintRedactions(const Duties& duties, FieldGroups released,
                    const std::string& file, const RulePlaces& places,
                    const std::string& what, Findings& findings) {
  const FieldGroups groups = RedactedIn(duties).Minus(released);
  if (groups.empty()) return;
  findings.push_back({"field-unreleased", file, places.Of("duties.redact"),
                      absl::StrCat(what, " makes ", Names(groups),
                                   " coarser, which is not released"),
                      "release the group, or take the duty out"});
}

// [group-unused].
void LintGroups(const std::vector<ParticipantGroup>& groups,
                const std::set<std::string>& used, const std::string& file,
                Findings& findings) {
  for (const ParticipantGroup& group : groups) {
    if (used.contains("@" + group.id)) continue;
    findings.push_back({"group-unused", file, group.place,
                        absl::StrCat("no rule names the group @", group.id),
                        "name it as holder or asker, or take it out"});
  }
}

void LintAgreement(const Agreement& agreement, const RuleUses& uses,
                   const LintOptions& options, Findings& findings) {
  const auto soon = agreement.emergency ? absl::Duration() : kSoon;
  const bool in_time =
      LintEnd(absl::StrCat("agreement ", agreement.id), "agreement",
              agreement.valid_until, agreement.file,
              agreement.places.Of("valid_until"), options.now, soon, findings);
  std::set<std::string> named;
  FieldGroups released;
  for (const Grant& grant : agreement.grants) {
    const std::string what = absl::StrCat("grant ", grant.id);
    named.insert(grant.holder.begin(), grant.holder.end());
    named.insert(grant.asker.begin(), grant.asker.end());
    released = released.Union(grant.release);
    LintRedactions(grant.duties, grant.release, agreement.file, grant.places,
                   what, findings);
    LintApprovals(grant.duties, agreement.file, grant.places, what,
                  options.approvers, findings);
    if (in_time && LintEnd(what, "grant",
                           grant.valid_until.value_or(absl::InfiniteFuture()),
                           agreement.file, grant.places.Of("valid_until"),
                           options.now, soon, findings)) {
      LintUse(agreement, grant, uses.at({agreement.id, grant.id}), findings);
    }
  }
  LintRedactions(agreement.duties, released, agreement.file, agreement.places,
                 absl::StrCat("agreement ", agreement.id), findings);
  LintApprovals(agreement.duties, agreement.file, agreement.places,
                absl::StrCat("agreement ", agreement.id), options.approvers,
                findings);
  LintGroups(agreement.groups, named, agreement.file, findings);
}

bool ReachesCounts(const Deny& deny) {
  return deny.withhold.empty() &&
         (deny.operation.empty() ||
          deny.operation.Contains(Operation::kAggregateCount));
}

// [role-ungranted], [purpose-ungranted]: a denial that names what nobody may.
template <typename Enum>
void LintNamed(const char* code, const char* field, EnumSet<Enum> named,
               EnumSet<Enum> granted, const std::string& file, const Deny& deny,
               Findings& findings) {
  const EnumSet<Enum> idle = named.Minus(granted);
  if (idle.empty()) return;
  findings.push_back(
      {code, file, deny.places.Of(field),
       absl::StrCat("denial ", deny.id, " names the ", field, " ", Names(idle),
                    ", which no agreement grants anything"),
       "check the name, or take it out"});
}

// [field-unreleased], [denial-without-effect], [denial-matches-nothing].
void LintDeny(const NationalRules& national, const Deny& deny,
              const Granted& granted, const RuleUse& use, Findings& findings) {
  const FieldGroups idle = deny.withhold.Minus(granted.fields);
  if (!idle.empty()) {
    findings.push_back(
        {"field-unreleased", national.file, deny.places.Of("withhold"),
         absl::StrCat("denial ", deny.id, " withholds ", Names(idle),
                      ", which no agreement releases"),
         kSafeguard, std::nullopt, /*safeguard=*/true});
  }
  LintNamed("role-ungranted", "role", deny.role, granted.roles, national.file,
            deny, findings);
  LintNamed("purpose-ungranted", "purpose", deny.purpose, granted.purposes,
            national.file, deny, findings);
  const bool all_idle = !deny.withhold.empty() && idle == deny.withhold;
  if (use.matches || ReachesCounts(deny) || all_idle) return;
  const auto meets = [](const auto& named, const auto& all) {
    return named.empty() || !named.Intersect(all).empty();
  };
  if (meets(deny.operation, granted.operations) &&
      meets(deny.role, granted.roles) &&
      meets(deny.purpose, granted.purposes)) {
    findings.push_back({"denial-without-effect", national.file,
                        deny.places.rule,
                        absl::StrCat("denial ", deny.id,
                                     " refuses nothing that any grant gives"),
                        kSafeguard, std::nullopt, /*safeguard=*/true});
    return;
  }
  findings.push_back({"denial-matches-nothing", national.file, deny.places.rule,
                      absl::StrCat("denial ", deny.id,
                                   " fits nothing that any agreement grants"),
                      "compare its roles, operations and purposes"});
}

// [requirement-matches-nothing], [requirement-without-effect].
void LintRequire(const NationalRules& national, const Require& require,
                 const RuleUse& use, const LintOptions& options,
                 Findings& findings) {
  LintApprovals(require.duties, national.file, require.places,
                absl::StrCat("requirement ", require.id), options.approvers,
                findings);
  if (use.acts) return;
  findings.push_back(
      {use.matches ? "requirement-without-effect"
                   : "requirement-matches-nothing",
       national.file, require.places.rule,
       absl::StrCat("requirement ", require.id,
                    use.matches ? " adds no duty that is not demanded already"
                                : " fits nothing that any agreement grants"),
       "compare its askers, operations, conditions and duties", use.witness});
}

void LintNational(const NationalRules& national, const Granted& granted,
                  const RuleUses& uses, const LintOptions& options,
                  Findings& findings) {
  std::set<std::string> named;
  std::vector<const Deny*> open;
  for (const Deny& deny : national.denies) {
    named.insert(deny.asker.begin(), deny.asker.end());
    if (deny.asker.empty() && deny.operation.empty()) open.push_back(&deny);
    const auto use = uses.find({national.node, deny.id});
    if (use == uses.end()) continue;  // no agreement to compare with
    LintDeny(national, deny, granted, use->second, findings);
  }
  for (const Require& require : national.requires_) {
    named.insert(require.asker.begin(), require.asker.end());
    const auto use = uses.find({national.node, require.id});
    if (use == uses.end()) continue;
    LintRequire(national, require, use->second, options, findings);
  }
  LintGroups(national.groups, named, national.file, findings);
  if (open.size() <= kMaxOpenDenials) return;
  findings.push_back({"too-many-open-denials", national.file,
                      open.back()->places.rule,
                      absl::StrCat(open.size(),
                                   " denials name neither operation nor asker; "
                                   "every decision reads each of them"),
                      absl::StrCat("list operations, at most ", kMaxOpenDenials,
                                   " without any")});
}

// [role-ungranted] of roles that may ask at home what no agreement lets them.
void LintLocal(const LocalAccess& local, const HolderPolicies& policies,
               Findings& findings) {
  EnumSet<Role> query;
  EnumSet<Role> count;
  for (const Agreement& agreement : policies.agreements()) {
    for (const Grant& grant : agreement.grants) {
      const auto& ops = grant.operation;
      if (ops.Contains(Operation::kCaseQuery) ||
          ops.Contains(Operation::kIdentityRelease)) {
        query = query.Union(grant.role);
      }
      if (ops.Contains(Operation::kAggregateCount)) {
        count = count.Union(grant.role);
      }
    }
  }
  for (const LocalGrant& allow : local.grants) {
    const auto check = [&](LocalOperation operation, EnumSet<Role> granted) {
      if (!allow.operation.Contains(operation) ||
          !allow.role.Intersect(granted).empty()) {
        return;
      }
      findings.push_back(
          {"role-ungranted", local.file, allow.places.Of("role"),
           absl::StrCat(allow.id, " lets ", Names(allow.role), " use ",
                        Name(operation), ", but no agreement answers them"),
           "agree on a grant for the role, or take the operation out"});
    };
    check(LocalOperation::kCaseQueryAsk, query);
    check(LocalOperation::kTableAsk, count);
  }
}

}  // namespace

std::string LintFinding::ToString() const {
  const std::string at =
      place.line == 0 ? file
                      : absl::StrCat(file, ":", place.line, ":", place.column);
  return absl::StrCat(at, at.empty() ? "" : ": ",
                      safeguard ? "note: " : "warning: ", message,
                      "; try: ", suggestion, " [", code, "]");
}

absl::StatusOr<std::vector<LintFinding>> LintPolicies(
    const HolderPolicies& policies, const std::vector<LocalAccess>& locals,
    const LintOptions& options) {
  ASSIGN_OR_RETURN(const FactAxes axes,
                   FactAxes::Create({&policies}, {options.now}));
  ASSIGN_OR_RETURN(const RuleUses uses, FindRuleUses(policies, axes));
  Findings findings;
  for (const Agreement& agreement : policies.agreements()) {
    LintAgreement(agreement, uses, options, findings);
    LintDeadlines(agreement, findings);
    LintEpsilon(agreement, findings);
  }
  LintBothSides(policies.agreements(), findings);
  const Granted granted = GrantedBy(policies);
  for (const std::string& node : policies.Nodes()) {
    LintNational(*policies.National(node), granted, uses, options, findings);
  }
  if (!policies.agreements().empty()) {
    for (const LocalAccess& local : locals) {
      LintLocal(local, policies, findings);
    }
  }
  RETURN_IF_ERROR(LintWidening(policies, options, findings));
  std::stable_sort(findings.begin(), findings.end(),
                   [](const LintFinding& a, const LintFinding& b) {
                     return std::tuple(a.file, a.place.line, a.place.column) <
                            std::tuple(b.file, b.place.line, b.place.column);
                   });
  return findings;
}

}  // namespace comity
