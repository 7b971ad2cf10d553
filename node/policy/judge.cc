#include "node/policy/judge.h"

#include <algorithm>

#include "node/policy/budgets.h"
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

// Most decisions rest on fewer rules; more cost one more allocation.
constexpr size_t kRulesExpected = 16;

// Only charges that are listed can have reached a limit: none is zero.
bool LimitReached(const Duties& duties, RuleRef rule, const StateFacts& state) {
  return std::any_of(state.used.begin(), state.used.end(),
                     [&](const LimitUse& use) {
                       const uint32_t max = LimitIn(duties, use.kind);
                       return use.rule == rule && max != 0 && use.used >= max;
                     });
}

// What all grants together say that fit the request (lines 3 to 5).
struct Matched {
  bool limit_reached = false;
  uint32_t approvals = 0;
};

// Leaves the grants that fit in `decision.rules`: the later lines go on with
// them and look for none again.
Matched MatchGrants(const CompiledPolicy& policy,
                    const CompiledPolicy::IndexedAgreement& agreement,
                    const RequestFacts& request, const StateFacts& state,
                    Decision& decision) {
  Matched matched;
  decision.rules.reserve(kRulesExpected);
  policy.ForEachGrant(
      agreement, request,
      [&](RuleRef rule, const Grant&, const Duties& duties) {
        matched.limit_reached |=
            LimitReached(duties, rule, state) || GoesOverABudget(duties, state);
        matched.approvals = std::max(matched.approvals, duties.approvals);
        decision.rules.push_back(rule);
      });
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
  // What denials that stepped back in an emergency would have taken.
  bool whole_overridden = false;
  FieldGroups overridden;
};

Denied ApplyDenials(const CompiledPolicy& policy, const RequestFacts& request,
                    const RecordFacts& record, const StateFacts& state,
                    Decision& decision) {
  Denied denied;
  std::vector<RuleRef> whole;
  policy.ForEachDeny(request, [&](RuleRef rule, const Deny& deny) {
    const Reach reach = ReachOf(deny.when, request.wanted, record,
                                RelationMode::kAny, Truth::kUnknown);
    if (reach.nothing()) return;
    const bool all = deny.withhold.empty() && reach.whole;
    const FieldGroups groups = deny.withhold.empty()
                                   ? reach.groups
                                   : deny.withhold.Intersect(reach.groups);
    if (state.emergency && deny.break_glass_may_override) {
      denied.whole_overridden |= all;
      denied.overridden = denied.overridden.Union(groups);
      return;
    }
    if (all) whole.push_back(rule);
    denied.withheld = denied.withheld.Union(groups);
  });
  if (!whole.empty()) {
    denied.whole = true;
    decision.rules = std::move(whole);
  }
  return denied;
}

// Line 9: what grants whose conditions are true give.
struct Released {
  bool any = false;  // a grant's conditions hold
  FieldGroups all;
  bool ordinarily = false;  // by grants that need no emergency
  FieldGroups ordinary;
};

// Keeps in `decision.rules`, of the grants that fit, those that contribute.
Released ReleaseGrants(const CompiledPolicy::IndexedAgreement& agreement,
                       const RequestFacts& request, const RecordFacts& record,
                       const StateFacts& state, FieldGroups withheld,
                       Decision& decision) {
  Released released;
  size_t kept = 0;
  for (const RuleRef rule : decision.rules) {
    const size_t i = rule - agreement.first_rule;
    const Grant& grant = agreement.agreement->grants[i];
    if (grant.break_glass && !state.emergency) continue;
    const Reach reach =
        ReachOf(grant.when, grant.release.Intersect(request.wanted), record,
                RelationMode::kAll, Truth::kTrue);
    if (reach.nothing()) continue;
    released.any = true;
    released.all = released.all.Union(reach.groups);
    if (!grant.break_glass) {
      released.ordinarily = true;
      released.ordinary = released.ordinary.Union(reach.groups);
    }
    // A grant contributes if something of what it gives is left.
    if (!request.wanted.empty() && reach.groups.Minus(withheld).empty()) {
      continue;
    }
    decision.duties = Join(decision.duties, agreement.duties[i]);
    decision.rules[kept++] = rule;
  }
  decision.rules.resize(kept);
  return released;
}

Decision Permitted(Decision decision) {
  decision.outcome = Outcome::kPermit;
  decision.reason = ErrorReason::kUnspecified;
  return decision;
}

// Lines 11 and 12: duties that national rules add. A requirement is judged on
// what was wanted: were it judged on what is left, another denial could lift
// it, and so turn a refusal into a permit.
Decision AddRequirements(const CompiledPolicy& policy,
                         const RequestFacts& request, const RecordFacts& record,
                         const StateFacts& state, Decision decision) {
  bool limit_reached = false;
  uint32_t needed = 0;
  policy.ForEachRequire(request, [&](RuleRef rule, const Require& require) {
    if (ReachOf(require.when, request.wanted, record, RelationMode::kAny,
                Truth::kUnknown)
            .nothing()) {
      return;
    }
    limit_reached |= LimitReached(require.duties, rule, state);
    needed = std::max(needed, require.duties.approvals);
    decision.duties = Join(decision.duties, require.duties);
    decision.rules.push_back(rule);
  });
  if (limit_reached) {
    return RefusePrivately(PrivateReason::kNationalLimit, std::move(decision));
  }
  if (state.approvals_at_home < needed) {
    decision.approvals_missing = needed - state.approvals_at_home;
    decision =
        RefusePrivately(PrivateReason::kApprovalsAtHome, std::move(decision));
    decision.outcome = Outcome::kHold;
    return decision;
  }
  return Permitted(std::move(decision));
}

// Lines 8 to 12 for an operation that looks at the record.
Decision JudgeOnRecord(const CompiledPolicy& policy,
                       const CompiledPolicy::IndexedAgreement& agreement,
                       const RequestFacts& request, const RecordFacts& record,
                       const StateFacts& state, Decision decision) {
  const Denied denied = ApplyDenials(policy, request, record, state, decision);
  if (denied.whole) {
    return RefusePrivately(PrivateReason::kNationalDeny, std::move(decision));
  }
  const Released released = ReleaseGrants(agreement, request, record, state,
                                          denied.withheld, decision);
  if (!released.any) {
    return RefusePrivately(PrivateReason::kNoConditionHolds,
                           std::move(decision));
  }
  decision.released = released.all.Minus(denied.withheld);
  if (request.wanted.empty()) {
    decision.break_glass = !released.ordinarily || denied.whole_overridden;
  } else if (decision.released.empty()) {
    return RefusePrivately(PrivateReason::kNothingLeft, std::move(decision));
  } else {
    decision.break_glass = !decision.released.IsSubsetOf(
        released.ordinary.Minus(denied.overridden));
  }
  return AddRequirements(policy, request, record, state, std::move(decision));
}

// Line 7: no file can deny it; the danger flags stand above a subject report.
Decision JudgeProtective(const RequestFacts& request,
                         const RecordFacts& record) {
  Decision decision;
  if (request.operation == Operation::kSubjectAccess && record.present &&
      record.danger != BuiltInDanger::kNone) {
    return RefusePrivately(ReasonOf(record.danger), std::move(decision));
  }
  return Permitted(std::move(decision));
}

// Lines 4 and 5; true if they decide.
bool JudgeSharedDuties(const Matched& matched, const StateFacts& state,
                       Decision& decision) {
  if (matched.limit_reached) {
    decision = Refuse(ErrorReason::kLimitReached, std::move(decision));
    return true;
  }
  if (state.approvals >= matched.approvals) return false;
  decision.approvals_missing = matched.approvals - state.approvals;
  decision = Refuse(ErrorReason::kApprovalsMissing, std::move(decision));
  decision.outcome = Outcome::kHold;
  return true;
}

// An event carries no field, so that no condition, limit or approval stands in
// its way: a withdrawal or an alarm must not wait (design.md section 1).
Decision JudgeEvent(const RecordFacts& record, Decision decision) {
  decision.rules.clear();
  const PrivateReason bar =
      record.present ? BuiltInBar(record) : PrivateReason::kNone;
  if (bar != PrivateReason::kNone) {
    return RefusePrivately(bar, std::move(decision));
  }
  return Permitted(std::move(decision));
}

// Line 12 where no record is looked at. The holder of counts adds what it
// requires, with nothing known of a record.
Decision JudgeWithoutRecord(const CompiledPolicy& policy,
                            const CompiledPolicy::IndexedAgreement& agreement,
                            const RequestFacts& request,
                            const StateFacts& state, Decision decision) {
  for (const RuleRef rule : decision.rules) {
    const size_t i = rule - agreement.first_rule;
    decision.released = decision.released.Union(
        request.wanted.Intersect(agreement.agreement->grants[i].release));
    decision.duties = Join(decision.duties, agreement.duties[i]);
  }
  if (request.holder != request.self) return Permitted(std::move(decision));
  return AddRequirements(policy, request, RecordFacts(), state,
                         std::move(decision));
}

}  // namespace

// Line 1. An event without fields has no purpose of its own.
bool IsMalformed(const RequestFacts& request) {
  const bool parties =
      request.holder != request.asker &&
      ((request.holder == request.self && request.asker == request.peer) ||
       (request.asker == request.self && request.holder == request.peer));
  const bool event = request.operation == Operation::kReferralEvent;
  return !parties || request.operation == Operation::kUnset ||
         (request.wanted.empty() && AsksForFields(request.operation)) ||
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
bool IsInForce(const Agreement& agreement, const RequestFacts& request) {
  return request.now >= agreement.valid_from &&
         (request.now < agreement.valid_until ||
          request.operation == Operation::kReferralEvent) &&
         IsParty(agreement, request.holder) &&
         IsParty(agreement, request.asker);
}

uint32_t UsedOf(const StateFacts& state, RuleRef rule, LimitKind kind) {
  for (const LimitUse& use : state.used) {
    if (use.rule == rule && use.kind == kind) return use.used;
  }
  return 0;
}

// Whether lines 6 to 11 are asked. The holder of a record that tells fields of
// it always asks them: a record that nobody read is an unscreened one.
bool LooksAtRecord(const RequestFacts& request, const RecordFacts& record) {
  return request.operation != Operation::kAggregateCount &&
         (record.present ||
          (request.holder == request.self && TellsFields(request.operation)));
}

Decision Judge(const CompiledPolicy& policy, const RequestFacts& request,
               const RecordFacts& record, const StateFacts& state) {
  Decision decision;
  if (IsMalformed(request)) {
    return Refuse(ErrorReason::kFieldInvalid, std::move(decision));
  }
  if (IsProtective(request.operation)) return JudgeProtective(request, record);
  const auto* agreement =
      policy.Find(request.agreement_id, request.agreement_digest);
  if (agreement == nullptr || !IsInForce(*agreement->agreement, request)) {
    return Refuse(ErrorReason::kAgreementNotInForce, std::move(decision));
  }
  const Matched matched =
      MatchGrants(policy, *agreement, request, state, decision);
  if (decision.rules.empty()) {
    return Refuse(ErrorReason::kNoGrant, std::move(decision));
  }
  if (request.operation == Operation::kReferralEvent) {
    return JudgeEvent(record, std::move(decision));
  }
  if (JudgeSharedDuties(matched, state, decision)) return decision;
  if (LooksAtRecord(request, record)) {
    const PrivateReason bar = BuiltInBar(record);
    if (bar != PrivateReason::kNone) {
      decision.rules.clear();
      return RefusePrivately(bar, std::move(decision));
    }
    return JudgeOnRecord(policy, *agreement, request, record, state,
                         std::move(decision));
  }
  return JudgeWithoutRecord(policy, *agreement, request, state,
                            std::move(decision));
}

}  // namespace comity
