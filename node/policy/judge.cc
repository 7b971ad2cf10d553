#include "node/policy/judge.h"

#include <algorithm>

#include "node/policy/conditions.h"
#include "node/policy/dimensions.h"

namespace comity {
namespace {

Decision Refuse(ErrorReason reason, Decision so_far) {
  so_far.outcome = Outcome::kDeny;
  so_far.reason = reason;
  so_far.released = FieldGroups();
  so_far.duties = Duties();
  return so_far;
}

// Every private refusal has the one reason that "no such record" has.
Decision RefusePrivately(PrivateReason why, Decision so_far) {
  so_far.private_reason = why;
  so_far.shared = false;
  return Refuse(ErrorReason::kNotAvailable, std::move(so_far));
}

// Line 1. An event without fields has no purpose of its own.
bool IsMalformed(const RequestFacts& request) {
  const bool parties =
      (request.holder == request.self && request.asker == request.peer) ||
      (request.asker == request.self && request.holder == request.peer);
  const bool event = request.operation == Operation::kReferralEvent;
  return !parties || request.operation == Operation::kUnset ||
         (!event &&
          (request.role == Role::kUnset || request.purpose == Purpose::kUnset ||
           request.basis == LegalBasis::kUnset)) ||
         !request.wanted.IsSubsetOf(kShareableGroups);
}

bool IsParty(const Agreement& agreement, const ParticipantCode& code) {
  return std::find(agreement.party.begin(), agreement.party.end(),
                   code.text()) != agreement.party.end();
}

// Line 2. Events of open dossiers outlive the agreement (design.md section 1).
bool InForce(const Agreement& agreement, const RequestFacts& request) {
  const bool in_time = request.now >= agreement.valid_from &&
                       request.now < agreement.valid_until;
  return (in_time || request.operation == Operation::kReferralEvent) &&
         IsParty(agreement, request.holder) &&
         IsParty(agreement, request.asker);
}

uint32_t UsedOf(const StateFacts& state, RuleRef rule, LimitKind kind) {
  for (const LimitUse& use : state.used) {
    if (use.rule == rule && use.kind == kind) return use.used;
  }
  return 0;
}

bool LimitReached(const Duties& duties, RuleRef rule, const StateFacts& state) {
  for (const LimitKind kind : kLimitKinds) {
    const uint32_t max = LimitIn(duties, kind);
    if (max != 0 && UsedOf(state, rule, kind) >= max) return true;
  }
  return false;
}

// What all grants together say that fit the request (lines 3 to 5).
struct Matched {
  bool any = false;
  bool limit_reached = false;
  FieldGroups releasable;
  Duties duties;
};

Matched MatchGrants(const CompiledPolicy& policy,
                    const CompiledPolicy::IndexedAgreement& agreement,
                    const RequestFacts& request, const StateFacts& state,
                    Decision& decision) {
  Matched matched;
  policy.ForEachGrant(
      agreement, request,
      [&](RuleRef rule, const Grant& grant, const Duties& duties) {
        matched.any = true;
        matched.limit_reached |= LimitReached(duties, rule, state);
        matched.releasable = matched.releasable.Union(grant.release);
        matched.duties = Join(matched.duties, duties);
        decision.rules.push_back(rule);
      });
  const uint32_t budget = matched.duties.yearly_budget;
  matched.limit_reached |=
      budget != 0 && state.cells_used_this_year + state.new_cells > budget;
  return matched;
}

PrivateReason ReasonOf(BuiltInDanger danger) {
  switch (danger) {
    case BuiltInDanger::kNone:
      return PrivateReason::kNone;
    case BuiltInDanger::kUnscreened:
      return PrivateReason::kUnscreened;
    case BuiltInDanger::kNeverContact:
      return PrivateReason::kNeverContact;
    case BuiltInDanger::kNeverShareWith:
      return PrivateReason::kNeverShareWith;
    case BuiltInDanger::kOfficialInvolvement:
      return PrivateReason::kOfficialInvolvement;
  }
  return PrivateReason::kUnscreened;
}

// Lines 6 and the bar that a partner's own release set on this record.
PrivateReason BuiltInBar(const RecordFacts& record) {
  const PrivateReason danger = ReasonOf(record.danger);
  if (danger != PrivateReason::kNone) return danger;
  switch (record.onward) {
    case OnwardBar::kNone:
      return PrivateReason::kNone;
    case OnwardBar::kForbidden:
      return PrivateReason::kOnwardTransfer;
    case OnwardBar::kOtherPurpose:
      return PrivateReason::kPurposeBound;
  }
  return PrivateReason::kNone;
}

// Line 8 and the withholding of line 10. A denial acts on the wanted groups
// for which its condition is true or unknown; the whole operation falls when
// one denial takes every wanted group.
struct Denied {
  bool whole = false;
  FieldGroups withheld;
};

Denied ApplyDenials(const CompiledPolicy& policy, const RequestFacts& request,
                    const RecordFacts& record, const StateFacts& state,
                    Decision& decision) {
  Denied denied;
  std::vector<RuleRef> whole;
  policy.ForEachDeny(request, [&](RuleRef rule, const Deny& deny) {
    if (state.emergency && deny.break_glass_may_override) return;
    if (JudgeRecord(deny.when, record, RelationMode::kAny) == Truth::kFalse) {
      return;
    }
    const FieldGroups hit =
        GroupsWithConsent(deny.when, request.wanted, record, Truth::kUnknown);
    if (hit.empty()) return;
    if (deny.withhold.empty() && hit == request.wanted) whole.push_back(rule);
    denied.withheld = denied.withheld.Union(
        deny.withhold.empty() ? hit : deny.withhold.Intersect(hit));
  });
  if (!whole.empty()) {
    denied.whole = true;
    decision.rules = std::move(whole);
  }
  return denied;
}

// Line 9: what grants whose conditions are true give.
struct Released {
  FieldGroups all;
  FieldGroups ordinary;  // by grants that need no emergency
};

Released ReleaseGrants(const CompiledPolicy& policy,
                       const CompiledPolicy::IndexedAgreement& agreement,
                       const RequestFacts& request, const RecordFacts& record,
                       const StateFacts& state, FieldGroups withheld,
                       Decision& decision) {
  Released released;
  decision.rules.clear();
  Duties duties;
  policy.ForEachGrant(
      agreement, request,
      [&](RuleRef rule, const Grant& grant, const Duties& joined) {
        if (grant.break_glass && !state.emergency) return;
        if (JudgeRecord(grant.when, record, RelationMode::kAll) !=
            Truth::kTrue) {
          return;
        }
        const FieldGroups given = GroupsWithConsent(
            grant.when, grant.release.Intersect(request.wanted), record,
            Truth::kTrue);
        if (given.empty()) return;
        released.all = released.all.Union(given);
        if (!grant.break_glass) {
          released.ordinary = released.ordinary.Union(given);
        }
        // A grant contributes if something of what it gives is left.
        if (given.Minus(withheld).empty()) return;
        duties = Join(duties, joined);
        decision.rules.push_back(rule);
      });
  decision.duties = duties;
  return released;
}

// Line 11: duties that national rules add. False if one of their own limits is
// reached.
bool AddRequirements(const CompiledPolicy& policy, const RequestFacts& request,
                     const RecordFacts& record, const StateFacts& state,
                     Decision& decision, uint32_t& approvals_at_home) {
  bool within_limits = true;
  policy.ForEachRequire(request, [&](RuleRef rule, const Require& require) {
    if (JudgeRecord(require.when, record, RelationMode::kAny) ==
            Truth::kFalse ||
        GroupsWithConsent(require.when, decision.released, record,
                          Truth::kUnknown)
            .empty()) {
      return;
    }
    within_limits &= !LimitReached(require.duties, rule, state);
    approvals_at_home = std::max(approvals_at_home, require.duties.approvals);
    decision.duties = Join(decision.duties, require.duties);
    decision.rules.push_back(rule);
  });
  return within_limits;
}

// Lines 6 to 12 for an operation that looks at the record.
Decision JudgeOnRecord(const CompiledPolicy& policy,
                       const CompiledPolicy::IndexedAgreement& agreement,
                       const RequestFacts& request, const RecordFacts& record,
                       const StateFacts& state, Decision decision) {
  const PrivateReason bar = BuiltInBar(record);
  if (bar != PrivateReason::kNone) {
    decision.rules.clear();
    return RefusePrivately(bar, std::move(decision));
  }
  const Denied denied = ApplyDenials(policy, request, record, state, decision);
  if (denied.whole) {
    return RefusePrivately(PrivateReason::kNationalDeny, std::move(decision));
  }
  const Released released = ReleaseGrants(policy, agreement, request, record,
                                          state, denied.withheld, decision);
  if (released.all.empty()) {
    return RefusePrivately(PrivateReason::kNoConditionHolds,
                           std::move(decision));
  }
  decision.released = released.all.Minus(denied.withheld);
  if (decision.released.empty()) {
    return RefusePrivately(PrivateReason::kNothingLeft, std::move(decision));
  }
  decision.break_glass = !decision.released.IsSubsetOf(released.ordinary);
  uint32_t needed = 0;
  if (!AddRequirements(policy, request, record, state, decision, needed)) {
    return RefusePrivately(PrivateReason::kNationalLimit, std::move(decision));
  }
  if (state.approvals_at_home < needed) {
    decision.approvals_missing = needed - state.approvals_at_home;
    decision =
        RefusePrivately(PrivateReason::kApprovalsAtHome, std::move(decision));
    decision.outcome = Outcome::kHold;
    return decision;
  }
  decision.outcome = Outcome::kPermit;
  decision.reason = ErrorReason::kUnspecified;
  return decision;
}

// Line 7: no file can deny it; the danger flags stand above a subject report.
Decision JudgeProtective(const RequestFacts& request,
                         const RecordFacts& record) {
  Decision decision;
  if (request.operation == Operation::kSubjectAccess && record.present &&
      record.danger != BuiltInDanger::kNone) {
    return RefusePrivately(ReasonOf(record.danger), std::move(decision));
  }
  decision.outcome = Outcome::kPermit;
  decision.reason = ErrorReason::kUnspecified;
  return decision;
}

}  // namespace

Decision Judge(const CompiledPolicy& policy, const RequestFacts& request,
               const RecordFacts& record, const StateFacts& state) {
  Decision decision;
  if (IsMalformed(request)) {
    return Refuse(ErrorReason::kFieldInvalid, std::move(decision));
  }
  if (IsProtective(request.operation)) return JudgeProtective(request, record);
  const auto* agreement =
      policy.Find(request.agreement_id, request.agreement_digest);
  if (agreement == nullptr || !InForce(*agreement->agreement, request)) {
    return Refuse(ErrorReason::kAgreementNotInForce, std::move(decision));
  }
  const Matched matched =
      MatchGrants(policy, *agreement, request, state, decision);
  if (!matched.any) return Refuse(ErrorReason::kNoGrant, std::move(decision));
  if (matched.limit_reached) {
    return Refuse(ErrorReason::kLimitReached, std::move(decision));
  }
  if (state.approvals < matched.duties.approvals) {
    decision.approvals_missing = matched.duties.approvals - state.approvals;
    decision = Refuse(ErrorReason::kApprovalsMissing, std::move(decision));
    decision.outcome = Outcome::kHold;
    return decision;
  }
  if (TellsFields(request.operation) && record.present) {
    return JudgeOnRecord(policy, *agreement, request, record, state,
                         std::move(decision));
  }
  decision.released = request.wanted.Intersect(matched.releasable);
  decision.duties = matched.duties;
  decision.outcome = Outcome::kPermit;
  decision.reason = ErrorReason::kUnspecified;
  return decision;
}

std::vector<Limit> LimitsOf(const CompiledPolicy& policy,
                            const RequestFacts& request) {
  std::vector<Limit> limits;
  const auto add = [&](RuleRef rule, const Duties& duties) {
    for (const LimitKind kind : kLimitKinds) {
      const uint32_t max = LimitIn(duties, kind);
      if (max != 0) limits.push_back({rule, kind, max});
    }
  };
  const auto* agreement =
      policy.Find(request.agreement_id, request.agreement_digest);
  if (agreement == nullptr || IsMalformed(request)) return limits;
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
