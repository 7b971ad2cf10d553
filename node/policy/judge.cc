#include "node/policy/judge.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/policy/conditions.h"

namespace comity {
namespace {

template <typename T>
bool Lists(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

template <typename T>
bool EmptyOrLists(const std::vector<T>& list, const T& value) {
  return list.empty() || Lists(list, value);
}

bool IsProtective(Operation operation) {
  return operation == Operation::kConsentWithdrawal ||
         operation == Operation::kSubjectAccess ||
         operation == Operation::kLogWitness;
}

// An operation that answers with fields of a record.
bool LooksAtRecord(Operation operation) {
  return operation == Operation::kCaseQuery ||
         operation == Operation::kIdentityRelease ||
         operation == Operation::kReferralCreate ||
         operation == Operation::kReferralDeliver ||
         operation == Operation::kPersonMatch;
}

bool IsReferralOperation(Operation operation) {
  return operation == Operation::kReferralCreate ||
         operation == Operation::kReferralDeliver ||
         operation == Operation::kReferralAccept;
}

Decision Refuse(ErrorReason reason, Decision so_far) {
  so_far.outcome = Outcome::kDeny;
  so_far.reason = reason;
  so_far.released = FieldGroups();
  return so_far;
}

// Every private refusal has the one reason that "no such record" has.
Decision RefusePrivately(absl::string_view why, Decision so_far) {
  so_far.private_reason = std::string(why);
  return Refuse(ErrorReason::kNotAvailable, std::move(so_far));
}

// Line 1 of policy.md 2.3.
bool IsMalformed(const RequestFacts& request) {
  const bool parties =
      (request.holder == request.self && request.asker == request.peer) ||
      (request.asker == request.self && request.holder == request.peer);
  return !parties || request.operation == Operation::kUnset ||
         (request.operation != Operation::kReferralEvent &&
          (request.role == Role::kUnset || request.purpose == Purpose::kUnset ||
           request.basis == LegalBasis::kUnset)) ||
         !request.wanted.Minus(kShareableGroups).empty();
}

bool InForce(const Agreement& agreement, const RequestFacts& request) {
  return agreement.digest == request.agreement_digest &&
         request.now >= agreement.valid_from &&
         request.now < agreement.valid_until &&
         Lists(agreement.party, request.holder.text()) &&
         Lists(agreement.party, request.asker.text());
}

// Events without fields follow any referral grant of the pair, in either
// direction (design.md section 1).
bool GrantsEvents(const Grant& grant, const RequestFacts& request) {
  const bool forward = Lists(grant.holder, request.holder.text()) &&
                       Lists(grant.asker, request.asker.text());
  const bool backward = Lists(grant.holder, request.asker.text()) &&
                        Lists(grant.asker, request.holder.text());
  return (forward || backward) &&
         std::any_of(grant.operation.begin(), grant.operation.end(),
                     IsReferralOperation);
}

// Line 3: the first dimension in which `grant` does not fit, empty if it fits.
std::string Misfit(const Grant& grant, const RequestFacts& request) {
  if (grant.valid_until.has_value() && request.now >= *grant.valid_until) {
    return "the grant has ended";
  }
  if (request.operation == Operation::kReferralEvent) {
    return GrantsEvents(grant, request) ? "" : "no referral grant of the pair";
  }
  if (!Lists(grant.holder, request.holder.text())) return "holder: not listed";
  if (!Lists(grant.asker, request.asker.text())) return "asker: not listed";
  if (!Lists(grant.role, request.role)) return "role: not listed";
  if (!Lists(grant.operation, request.operation)) {
    return "operation: not listed";
  }
  if (!Lists(grant.purpose, request.purpose)) return "purpose: not listed";
  if (!Lists(grant.basis, request.basis)) return "basis: not listed";
  return "";
}

std::vector<const Grant*> MatchingGrants(const Agreement& agreement,
                                         const RequestFacts& request,
                                         Decision& decision) {
  std::vector<const Grant*> matching;
  for (const Grant& grant : agreement.grants) {
    std::string why = Misfit(grant, request);
    if (why.empty()) matching.push_back(&grant);
    decision.trace.push_back(
        {absl::StrCat(agreement.id, "/", grant.id), false, std::move(why)});
  }
  return matching;
}

// Line 4.
bool LimitReached(const Duties& duties, const UsageFacts& usage) {
  const bool day =
      duties.max_per_day != 0 && usage.used_today >= duties.max_per_day;
  const bool year =
      duties.yearly_budget != 0 &&
      usage.cells_used_this_year + usage.new_cells > duties.yearly_budget;
  return day || year;
}

bool Concerns(const std::optional<std::vector<std::string>>& countries,
              const ParticipantCode& asker) {
  return !countries.has_value() || countries->empty() ||
         Lists(*countries, asker.text());
}

// Line 6, design.md law 3; empty when nothing stands against it.
std::string BuiltInDanger(const CaseFacts& facts,
                          const ParticipantCode& asker) {
  if (!facts.screening.has_value()) return "the case was never screened";
  const DangerScreening& screening = *facts.screening;
  if (screening.never_contact) return "NEVER_CONTACT";
  if (Lists(screening.never_share_with, asker)) return "NEVER_SHARE_WITH";
  if (screening.official_involvement &&
      (Concerns(facts.origin_countries, asker) ||
       Concerns(facts.exploitation_countries, asker))) {
    return "OFFICIAL_INVOLVEMENT";
  }
  return "";
}

bool DenyAddresses(const Deny& deny, const RequestFacts& request) {
  return EmptyOrLists(deny.asker, request.asker.text()) &&
         EmptyOrLists(deny.role, request.role) &&
         EmptyOrLists(deny.operation, request.operation) &&
         EmptyOrLists(deny.purpose, request.purpose);
}

// The wanted groups that a denial's conditions hit, unknown included.
FieldGroups HitBy(const When& when, const RequestFacts& request,
                  const RecordFacts& record) {
  std::string why;
  FieldGroups hit;
  if (JudgeRecord(when, request, record, RelationMode::kAny, &why) ==
      Truth::kFalse) {
    return hit;
  }
  for (uint32_t i = 1; i <= static_cast<uint32_t>(FieldGroup::kNational); ++i) {
    const auto group = static_cast<FieldGroup>(i);
    if (request.wanted.Contains(group) &&
        JudgeConsent(when, group, request, record) != Truth::kFalse) {
      hit = hit.With(group);
    }
  }
  return hit;
}

// Lines 8 and 10: what national rules take away. A whole-operation denial needs
// every wanted group refused; nullopt then.
std::optional<FieldGroups> Withheld(const NationalRules& rules,
                                    const RequestFacts& request,
                                    const RecordFacts& record,
                                    Decision& decision) {
  FieldGroups withheld;
  for (const Deny& deny : rules.denies) {
    if (!DenyAddresses(deny, request)) continue;
    const FieldGroups hit = HitBy(deny.when, request, record);
    if (hit.empty()) continue;
    decision.rule_ids.push_back(absl::StrCat("national/", deny.id));
    decision.trace.push_back({decision.rule_ids.back(), true, deny.reason});
    if (!deny.withhold.empty()) {
      withheld = withheld.Union(deny.withhold.Intersect(hit));
    } else if (hit == request.wanted) {
      return std::nullopt;
    } else {
      withheld = withheld.Union(hit);
    }
  }
  return withheld;
}

struct Release {
  FieldGroups groups;
  Duties duties;
  bool any_grant = false;
};

// Line 9 and the union of line 10: what grants whose conditions are true give.
Release Released(const Agreement& agreement,
                 const std::vector<const Grant*>& grants,
                 const RequestFacts& request, const RecordFacts& record,
                 Decision& decision) {
  Release release{FieldGroups(), agreement.duties, false};
  for (const Grant* grant : grants) {
    std::string why;
    if (JudgeRecord(grant->when, request, record, RelationMode::kAll, &why) !=
        Truth::kTrue) {
      decision.trace.push_back(
          {absl::StrCat(agreement.id, "/", grant->id), false, why});
      continue;
    }
    FieldGroups given;
    for (uint32_t i = 1; i <= static_cast<uint32_t>(FieldGroup::kNational);
         ++i) {
      const auto group = static_cast<FieldGroup>(i);
      if (request.wanted.Contains(group) && grant->release.Contains(group) &&
          JudgeConsent(grant->when, group, request, record) == Truth::kTrue) {
        given = given.With(group);
      }
    }
    if (given.empty()) continue;
    release.any_grant = true;
    release.groups = release.groups.Union(given);
    release.duties = Join(release.duties, grant->duties);
    decision.rule_ids.push_back(absl::StrCat(agreement.id, "/", grant->id));
  }
  return release;
}

void AddRequirements(const NationalRules& rules, const RequestFacts& request,
                     const RecordFacts& record, Duties& duties) {
  for (const Require& require : rules.requires_) {
    if (!EmptyOrLists(require.asker, request.asker.text()) ||
        !EmptyOrLists(require.operation, request.operation)) {
      continue;
    }
    std::string why;
    if (JudgeRecord(require.when, request, record, RelationMode::kAny, &why) !=
        Truth::kFalse) {
      duties = Join(duties, require.duties);
    }
  }
}

// Lines 6 to 12 for an operation that looks at the record.
Decision JudgeOnRecord(const PolicySet& set, const Agreement& agreement,
                       const std::vector<const Grant*>& grants,
                       const RequestFacts& request, const RecordFacts& record,
                       Decision decision) {
  const std::string danger = BuiltInDanger(*record.facts, request.asker);
  if (!danger.empty()) {
    decision.rule_ids.push_back("built-in/danger");
    return RefusePrivately(danger, std::move(decision));
  }
  FieldGroups withheld;
  if (set.national.has_value()) {
    const auto taken = Withheld(*set.national, request, record, decision);
    if (!taken.has_value()) {
      return RefusePrivately("a national rule refuses", std::move(decision));
    }
    withheld = *taken;
  }
  Release release = Released(agreement, grants, request, record, decision);
  if (!release.any_grant) {
    return RefusePrivately("no grant's conditions hold", std::move(decision));
  }
  decision.released = release.groups.Minus(withheld);
  if (decision.released.empty()) {
    return RefusePrivately("every granted group is withheld",
                           std::move(decision));
  }
  if (set.national.has_value()) {
    AddRequirements(*set.national, request, record, release.duties);
  }
  decision.duties = Join(decision.duties, release.duties);
  decision.outcome = Outcome::kPermit;
  decision.reason = ErrorReason::kUnspecified;
  return decision;
}

}  // namespace

Decision Judge(const PolicySet& set, const RequestFacts& request,
               const RecordFacts& record, const UsageFacts& usage) {
  Decision decision;
  if (IsMalformed(request)) {
    return Refuse(ErrorReason::kFieldInvalid, std::move(decision));
  }
  if (IsProtective(request.operation)) {  // line 7: no file can deny it
    decision.outcome = Outcome::kPermit;
    decision.reason = ErrorReason::kUnspecified;
    decision.rule_ids.push_back("built-in/protective");
    return decision;
  }
  const auto found = set.agreements.find(request.agreement_id);
  if (found == set.agreements.end() || !InForce(found->second, request)) {
    return Refuse(ErrorReason::kAgreementNotInForce, std::move(decision));
  }
  const Agreement& agreement = found->second;
  const auto grants = MatchingGrants(agreement, request, decision);
  if (grants.empty()) {
    return Refuse(ErrorReason::kNoGrant, std::move(decision));
  }
  Duties duties = agreement.duties;
  FieldGroups reachable;
  for (const Grant* grant : grants) {
    duties = Join(duties, grant->duties);
    reachable = reachable.Union(grant->release);
  }
  decision.counter = absl::StrCat(agreement.id, "/", grants.front()->id);
  if (LimitReached(duties, usage)) {
    return Refuse(ErrorReason::kLimitReached, std::move(decision));
  }
  if (LooksAtRecord(request.operation)) {
    // Groups that no grant releases are no secret: both sides can compute it.
    if (!request.wanted.empty() &&
        request.wanted.Intersect(reachable).empty()) {
      return Refuse(ErrorReason::kNoGrant, std::move(decision));
    }
    if (record.facts != nullptr) {
      decision.duties.max_per_day = duties.max_per_day;
      return JudgeOnRecord(set, agreement, grants, request, record,
                           std::move(decision));
    }
    decision.released = request.wanted.Intersect(reachable);
  }
  decision.duties = duties;
  decision.outcome = Outcome::kPermit;
  decision.reason = ErrorReason::kUnspecified;
  for (const Grant* grant : grants) {
    decision.rule_ids.push_back(absl::StrCat(agreement.id, "/", grant->id));
  }
  return decision;
}

}  // namespace comity
