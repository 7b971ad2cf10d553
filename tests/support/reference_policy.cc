#include "tests/support/reference_policy.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tests/support/reference_conditions.h"

namespace comity {
namespace {

struct Question {
  const PolicySet& set;
  const RequestFacts& request;
  const RecordFacts& record;
  const StateFacts& state;
};

bool OneOf(Operation operation, EnumSet<Operation> set) {
  return set.Contains(operation);
}

constexpr EnumSet<Operation> kProtective = {Operation::kConsentWithdrawal,
                                            Operation::kSubjectAccess,
                                            Operation::kLogWitness};
constexpr EnumSet<Operation> kReferral = {Operation::kReferralCreate,
                                          Operation::kReferralDeliver,
                                          Operation::kReferralAccept};
// Those that ask for fields.
constexpr EnumSet<Operation> kWithFields = {
    Operation::kCaseQuery, Operation::kIdentityRelease,
    Operation::kReferralCreate, Operation::kReferralDeliver};

// ---- Lists of the request

bool Belongs(const std::vector<ParticipantGroup>& groups,
             const std::string& name, const ParticipantCode& who,
             absl::Time at) {
  for (const ParticipantGroup& group : groups) {
    if ("@" + group.id != name) continue;
    for (const Membership& member : group.members) {
      if (member.participant == who.text() && member.from <= at &&
          at < member.until) {
        return true;
      }
    }
  }
  return false;
}

bool Names(const std::vector<std::string>& list,
           const std::vector<ParticipantGroup>& groups,
           const ParticipantCode& who, absl::Time at) {
  for (const std::string& name : list) {
    if (name == who.text() || Belongs(groups, name, who, at)) return true;
  }
  return false;
}

bool In(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

template <typename Enum>
bool AnyOr(EnumSet<Enum> list, Enum value) {
  return list.empty() || list.Contains(value);
}

// Whether the grant opens a table: it tells the same measure, every column of
// it is one that the scope is by, or fixed there to the same code, and nothing
// that is fixed there is free.
bool OpensTable(const Grant& grant, const TableShape& asked) {
  for (const TableScope& scope : grant.tables) {
    bool opens = scope.table.measure == asked.measure;
    for (const std::string& column : asked.by) {
      opens &= In(scope.table.by, column);
    }
    for (const auto& fixed : asked.where) {
      const auto own = scope.table.where.find(fixed.first);
      opens &= own != scope.table.where.end() ? *own == fixed
                                              : In(scope.table.by, fixed.first);
    }
    for (const auto& fixed : scope.table.where) {
      opens &= asked.where.count(fixed.first) > 0;
    }
    if (opens) return true;
  }
  return false;
}

// Line 3.
bool GrantMatches(const Agreement& agreement, const Grant& grant,
                  const RequestFacts& request) {
  if (request.operation == Operation::kReferralEvent) {
    // Any referral grant between the two, in either direction.
    const auto between = [&](const ParticipantCode& a,
                             const ParticipantCode& b) {
      const absl::Time at = request.MembershipTime();
      return Names(grant.holder, agreement.groups, a, at) &&
             Names(grant.asker, agreement.groups, b, at);
    };
    return !grant.operation.Intersect(kReferral).empty() &&
           (between(request.holder, request.asker) ||
            between(request.asker, request.holder));
  }
  const absl::Time at = request.MembershipTime();
  return Names(grant.holder, agreement.groups, request.holder, at) &&
         Names(grant.asker, agreement.groups, request.asker, at) &&
         grant.role.Contains(request.role) &&
         grant.operation.Contains(request.operation) &&
         grant.purpose.Contains(request.purpose) &&
         grant.basis.Contains(request.basis) &&
         (grant.organisation.empty() ||
          In(grant.organisation, request.organisation)) &&
         (!grant.valid_until.has_value() || request.now < *grant.valid_until) &&
         (request.wanted.empty() ||
          !grant.release.Intersect(request.wanted).empty()) &&
         (request.operation != Operation::kAggregateCount ||
          OpensTable(grant, request.table));
}

// Whom and what a denial addresses; what is not known is addressed.
bool DenyAddresses(const NationalRules& rules, const Deny& deny,
                   const RequestFacts& request) {
  return (deny.asker.empty() || Names(deny.asker, rules.groups, request.asker,
                                      request.MembershipTime())) &&
         (deny.organisation.empty() || request.organisation.empty() ||
          In(deny.organisation, request.organisation)) &&
         AnyOr(deny.role, request.role) &&
         AnyOr(deny.operation, request.operation) &&
         AnyOr(deny.purpose, request.purpose);
}

bool RequireAddresses(const NationalRules& rules, const Require& require,
                      const RequestFacts& request) {
  return (require.asker.empty() ||
          Names(require.asker, rules.groups, request.asker,
                request.MembershipTime())) &&
         AnyOr(require.operation, request.operation);
}

// ---- Duties

uint32_t Smaller(uint32_t a, uint32_t b) {
  if (a == 0 || b == 0) return a + b;  // zero: nobody asks for it
  return std::min(a, b);
}

Redaction Coarser(Redaction a, Redaction b) {
  if (a == b || b == Redaction::kUnset) return a;
  if (a == Redaction::kUnset) return b;
  const bool bands =
      (a == Redaction::kAgeBand5 && b == Redaction::kAgeBand10) ||
      (a == Redaction::kAgeBand10 && b == Redaction::kAgeBand5);
  return bands ? Redaction::kAgeBand10 : Redaction::kMask;
}

Duties Stricter(Duties a, const Duties& b) {
  for (size_t i = 0; i < a.redact.size(); ++i) {
    a.redact[i] = Coarser(a.redact[i], b.redact[i]);
  }
  a.approvals = std::max(a.approvals, b.approvals);
  a.notify = a.notify.Union(b.notify);
  a.max_per_hour = Smaller(a.max_per_hour, b.max_per_hour);
  a.max_per_day = Smaller(a.max_per_day, b.max_per_day);
  a.max_per_month = Smaller(a.max_per_month, b.max_per_month);
  a.max_per_officer_per_day =
      Smaller(a.max_per_officer_per_day, b.max_per_officer_per_day);
  a.k_threshold = std::max(a.k_threshold, b.k_threshold);
  a.yearly_budget = Smaller(a.yearly_budget, b.yearly_budget);
  a.count_method = std::max(a.count_method, b.count_method);
  a.aggregation = std::max(a.aggregation, b.aggregation);
  a.linked_tables = Smaller(a.linked_tables, b.linked_tables);
  a.epsilon_thousandths = Smaller(a.epsilon_thousandths, b.epsilon_thousandths);
  a.epsilon_asker_thousandths =
      Smaller(a.epsilon_asker_thousandths, b.epsilon_asker_thousandths);
  a.epsilon_all_thousandths =
      Smaller(a.epsilon_all_thousandths, b.epsilon_all_thousandths);
  a.delta_exponent = std::max(a.delta_exponent, b.delta_exponent);
  a.delta_budget_exponent =
      std::max(a.delta_budget_exponent, b.delta_budget_exponent);
  a.retention_days = Smaller(a.retention_days, b.retention_days);
  a.no_onward_transfer = a.no_onward_transfer || b.no_onward_transfer;
  return a;
}

// ---- The lines

Decision Refuse(ErrorReason reason) {
  Decision decision;
  decision.reason = reason;
  return decision;
}

Decision RefusePrivately(PrivateReason reason) {
  Decision decision;
  decision.reason = ErrorReason::kNotAvailable;
  decision.private_reason = reason;
  decision.shared = false;
  return decision;
}

bool Malformed(const RequestFacts& request) {
  const bool parties =
      request.holder != request.asker &&
      ((request.self == request.holder && request.peer == request.asker) ||
       (request.self == request.asker && request.peer == request.holder));
  if (!parties || request.operation == Operation::kUnset) return true;
  if (!request.wanted.IsSubsetOf(kShareableGroups)) return true;
  if (request.operation == Operation::kReferralEvent) return false;
  if (OneOf(request.operation, kWithFields) && request.wanted.empty()) {
    return true;
  }
  return request.role == Role::kUnset || request.purpose == Purpose::kUnset ||
         request.basis == LegalBasis::kUnset;
}

// Line 2.
const Agreement* InForce(const Question& q) {
  for (const Agreement& agreement : q.set.agreements) {
    if (agreement.id != q.request.agreement_id ||
        agreement.digest != q.request.agreement_digest) {
      continue;
    }
    const bool ended = q.request.now >= agreement.valid_until &&
                       q.request.operation != Operation::kReferralEvent;
    if (q.request.now < agreement.valid_from || ended) return nullptr;
    if (!In(agreement.party, q.request.holder.text()) ||
        !In(agreement.party, q.request.asker.text())) {
      return nullptr;
    }
    return &agreement;
  }
  return nullptr;
}

// A grant of line 3 with its number and its duties.
struct Match {
  const Grant* grant;
  RuleRef ref;
  Duties duties;
};

RuleRef NumberOfFirst(const PolicySet& set, const Agreement& agreement) {
  RuleRef number = 0;
  for (const Agreement& other : set.agreements) {
    if (&other == &agreement) break;
    number += static_cast<RuleRef>(other.grants.size());
  }
  return number;
}

std::vector<Match> Matches(const Question& q, const Agreement& agreement) {
  std::vector<Match> matches;
  RuleRef number = NumberOfFirst(q.set, agreement);
  for (const Grant& grant : agreement.grants) {
    if (GrantMatches(agreement, grant, q.request)) {
      matches.push_back(
          {&grant, number, Stricter(agreement.duties, grant.duties)});
    }
    ++number;
  }
  return matches;
}

uint32_t Used(const StateFacts& state, RuleRef rule, LimitKind kind) {
  uint32_t used = 0;
  for (const LimitUse& use : state.used) {
    if (use.rule == rule && use.kind == kind) used = std::max(used, use.used);
  }
  return used;
}

// Whether one more answer would go over a limit of the rule.
bool OverLimit(const Duties& duties, RuleRef rule, const StateFacts& state) {
  const auto over = [&](uint32_t limit, LimitKind kind) {
    return limit != 0 && Used(state, rule, kind) >= limit;
  };
  return over(duties.max_per_hour, LimitKind::kHour) ||
         over(duties.max_per_day, LimitKind::kDay) ||
         over(duties.max_per_month, LimitKind::kMonth) ||
         over(duties.max_per_officer_per_day, LimitKind::kOfficerDay);
}

bool OverBudget(const Duties& duties, const StateFacts& state) {
  const auto over = [](uint64_t budget, uint64_t before, uint64_t more) {
    return budget != 0 && more != 0 && before + more > budget;
  };
  uint64_t delta = 1'000'000'000'000;
  for (uint32_t i =
           duties.delta_budget_exponent == 0 ? 5 : duties.delta_budget_exponent;
       i > 0; --i) {
    delta /= 10;
  }
  return over(duties.yearly_budget, state.cells_used_this_year,
              state.new_cells) ||
         state.linked_tables >
             (duties.linked_tables == 0 ? 3 : duties.linked_tables) ||
         over(duties.epsilon_asker_thousandths, state.epsilon_spent,
              state.epsilon_new) ||
         over(duties.epsilon_all_thousandths, state.epsilon_spent_by_all,
              state.epsilon_new_for_all) ||
         over(delta, state.delta_spent, state.delta_new) ||
         over(delta, state.delta_spent_by_all, state.delta_new_for_all);
}

// Lines 4 and 5.
std::optional<Decision> SharedDuties(const std::vector<Match>& matches,
                                     const StateFacts& state) {
  uint32_t approvals = 0;
  std::vector<RuleRef> rules;
  for (const Match& match : matches) rules.push_back(match.ref);
  for (const Match& match : matches) {
    if (OverLimit(match.duties, match.ref, state) ||
        OverBudget(match.duties, state)) {
      Decision refusal = Refuse(ErrorReason::kLimitReached);
      refusal.rules = rules;
      return refusal;
    }
    approvals = std::max(approvals, match.duties.approvals);
  }
  if (state.approvals >= approvals) return std::nullopt;
  Decision hold = Refuse(ErrorReason::kApprovalsMissing);
  hold.outcome = Outcome::kHold;
  hold.approvals_missing = approvals - state.approvals;
  hold.rules = rules;
  return hold;
}

// Whether there is a record to look at. Who holds it and tells of it must look:
// what nobody looked at was not screened.
bool HasRecord(const Question& q) {
  const bool tells = OneOf(q.request.operation, kWithFields) ||
                     q.request.operation == Operation::kPersonMatch;
  return q.record.present || (tells && q.request.self == q.request.holder);
}

// Line 6, and what a partner's release binds this node to.
std::optional<Decision> Danger(const Question& q) {
  if (!HasRecord(q)) return std::nullopt;
  if (OneOf(q.request.operation,
            {Operation::kAggregateCount, Operation::kLogWitness,
             Operation::kConsentWithdrawal})) {
    return std::nullopt;
  }
  switch (q.record.danger) {
    case BuiltInDanger::kNone:
      break;
    case BuiltInDanger::kUnscreened:
      return RefusePrivately(PrivateReason::kUnscreened);
    case BuiltInDanger::kNeverContact:
      return RefusePrivately(PrivateReason::kNeverContact);
    case BuiltInDanger::kNeverShareWith:
      return RefusePrivately(PrivateReason::kNeverShareWith);
    case BuiltInDanger::kOfficialInvolvement:
      return RefusePrivately(PrivateReason::kOfficialInvolvement);
  }
  if (OneOf(q.request.operation, kProtective)) return std::nullopt;
  switch (q.record.onward) {
    case OnwardBar::kNone:
      return std::nullopt;
    case OnwardBar::kForbidden:
      return RefusePrivately(PrivateReason::kOnwardTransfer);
    case OnwardBar::kOtherPurpose:
      return RefusePrivately(PrivateReason::kPurposeBound);
  }
  return std::nullopt;
}

// What the denials that apply hold back: all, or some groups.
struct HeldBack {
  std::vector<RuleRef> whole;  // the rules that refuse all
  FieldGroups groups;
  // What those that stepped back in the emergency would have held back.
  bool whole_overridden = false;
  FieldGroups overridden;
};

// The wanted groups for which the denial's condition is not "no".
FieldGroups Touched(const Question& q, const Deny& deny) {
  FieldGroups touched;
  for (const FieldGroup group : q.request.wanted.Values()) {
    if (ForGroup(deny.when, group, q.record, Reader::kRestriction) != kNo) {
      touched = touched.With(group);
    }
  }
  return touched;
}

RuleRef NumberOfFirstDeny(const PolicySet& set) {
  RuleRef number = 0;
  for (const Agreement& agreement : set.agreements) {
    number += static_cast<RuleRef>(agreement.grants.size());
  }
  return number;
}

HeldBack Denials(const Question& q) {
  HeldBack held;
  if (!q.set.national.has_value()) return held;
  RuleRef number = NumberOfFirstDeny(q.set);
  for (const Deny& deny : q.set.national->denies) {
    const RuleRef ref = number++;
    if (!DenyAddresses(*q.set.national, deny, q.request)) continue;
    const FieldGroups touched = Touched(q, deny);
    const bool whole =
        q.request.wanted.empty()
            ? ForNoGroup(deny.when, q.record, Reader::kRestriction) != kNo
            : touched == q.request.wanted;
    const FieldGroups some =
        deny.withhold.empty() ? touched : touched.Intersect(deny.withhold);
    if (some.empty() && !(whole && deny.withhold.empty())) continue;
    if (q.state.emergency && deny.break_glass_may_override) {
      held.whole_overridden =
          held.whole_overridden || (deny.withhold.empty() && whole);
      held.overridden = held.overridden.Union(some);
      continue;
    }
    if (deny.withhold.empty() && whole) held.whole.push_back(ref);
    held.groups = held.groups.Union(some);
  }
  return held;
}

// Lines 9 and 10 for one grant: the groups that it gives.
FieldGroups Gives(const Question& q, const Grant& grant) {
  FieldGroups given;
  for (const FieldGroup group :
       grant.release.Intersect(q.request.wanted).Values()) {
    if (ForGroup(grant.when, group, q.record, Reader::kGrant) == kYes) {
      given = given.With(group);
    }
  }
  return given;
}

bool Holds(const Question& q, const Grant& grant) {
  if (grant.break_glass && !q.state.emergency) return false;
  if (!q.request.wanted.empty()) return !Gives(q, grant).empty();
  return ForNoGroup(grant.when, q.record, Reader::kGrant) == kYes;
}

// Requirements that apply, with their numbers.
std::vector<std::pair<RuleRef, Duties>> Requirements(const Question& q) {
  std::vector<std::pair<RuleRef, Duties>> applying;
  if (!q.set.national.has_value()) return applying;
  const NationalRules& rules = *q.set.national;
  RuleRef number =
      NumberOfFirstDeny(q.set) + static_cast<RuleRef>(rules.denies.size());
  for (const Require& require : rules.requires_) {
    const RuleRef ref = number++;
    if (!RequireAddresses(rules, require, q.request)) continue;
    Answer answer = kNo;
    if (q.request.wanted.empty()) {
      answer = ForNoGroup(require.when, q.record, Reader::kRestriction);
    }
    for (const FieldGroup group : q.request.wanted.Values()) {
      answer = std::max(answer, ForGroup(require.when, group, q.record,
                                         Reader::kRestriction));
    }
    if (answer != kNo) applying.emplace_back(ref, require.duties);
  }
  return applying;
}

// Lines 11 and 12, and the limits that national rules add.
Decision Finish(const Question& q, Decision permit) {
  uint32_t at_home = 0;
  bool over = false;
  for (const auto& [ref, duties] : Requirements(q)) {
    over = over || OverLimit(duties, ref, q.state);
    at_home = std::max(at_home, duties.approvals);
    permit.duties = Stricter(permit.duties, duties);
    permit.rules.push_back(ref);
  }
  Decision refusal = RefusePrivately(PrivateReason::kNationalLimit);
  refusal.rules = permit.rules;
  refusal.break_glass = permit.break_glass;
  if (over) return refusal;
  if (q.state.approvals_at_home < at_home) {
    refusal.outcome = Outcome::kHold;
    refusal.private_reason = PrivateReason::kApprovalsAtHome;
    refusal.approvals_missing = at_home - q.state.approvals_at_home;
    return refusal;
  }
  permit.outcome = Outcome::kPermit;
  permit.reason = ErrorReason::kUnspecified;
  return permit;
}

// What grants give once groups are held back: groups, duties and numbers.
Decision Release(const Question& q, const std::vector<Match>& giving,
                 const HeldBack& held) {
  Decision permit;
  FieldGroups ordinarily;
  bool ordinary = false;
  for (const Match& match : giving) {
    const FieldGroups given = Gives(q, *match.grant).Minus(held.groups);
    if (!q.request.wanted.empty() && given.empty()) continue;
    permit.released = permit.released.Union(given);
    permit.duties = Stricter(permit.duties, match.duties);
    permit.rules.push_back(match.ref);
    if (match.grant->break_glass) continue;
    ordinarily = ordinarily.Union(given);
    ordinary = true;
  }
  permit.break_glass =
      q.request.wanted.empty()
          ? !ordinary || held.whole_overridden
          : !permit.released.IsSubsetOf(ordinarily.Minus(held.overridden));
  return permit;
}

// Lines 8 to 12.
Decision OnRecord(const Question& q, const std::vector<Match>& matches) {
  const HeldBack held = Denials(q);
  if (!held.whole.empty()) {
    Decision refusal = RefusePrivately(PrivateReason::kNationalDeny);
    refusal.rules = held.whole;
    return refusal;
  }
  std::vector<Match> holding;
  for (const Match& match : matches) {
    if (Holds(q, *match.grant)) holding.push_back(match);
  }
  if (holding.empty()) {
    return RefusePrivately(PrivateReason::kNoConditionHolds);
  }
  Decision permit = Release(q, holding, held);
  if (!q.request.wanted.empty() && permit.released.empty()) {
    return RefusePrivately(PrivateReason::kNothingLeft);
  }
  return Finish(q, std::move(permit));
}

// Line 12 where there is no record to look at: all grants of line 3 stand. The
// holder of counts adds its requirements, whose conditions nobody can answer.
Decision WithoutRecord(const Question& q, const std::vector<Match>& matches) {
  Decision permit;
  permit.outcome = Outcome::kPermit;
  permit.reason = ErrorReason::kUnspecified;
  for (const Match& match : matches) {
    permit.released =
        permit.released.Union(match.grant->release.Intersect(q.request.wanted));
    permit.duties = Stricter(permit.duties, match.duties);
    permit.rules.push_back(match.ref);
  }
  if (q.request.self != q.request.holder) return permit;
  return Finish({q.set, q.request, RecordFacts(), q.state}, std::move(permit));
}

Decision PlainPermit() {
  Decision permit;
  permit.outcome = Outcome::kPermit;
  permit.reason = ErrorReason::kUnspecified;
  return permit;
}

}  // namespace

Decision ReferenceJudge(const PolicySet& set, const RequestFacts& request,
                        const RecordFacts& record, const StateFacts& state) {
  const Question q{set, request, record, state};
  if (Malformed(request)) return Refuse(ErrorReason::kFieldInvalid);  // 1
  const bool protective = OneOf(request.operation, kProtective);
  std::vector<Match> matches;
  if (!protective) {
    const Agreement* agreement = InForce(q);
    if (agreement == nullptr) {
      return Refuse(ErrorReason::kAgreementNotInForce);  // 2
    }
    matches = Matches(q, *agreement);
    if (matches.empty()) return Refuse(ErrorReason::kNoGrant);  // 3
    if (request.operation != Operation::kReferralEvent) {
      if (const auto decided = SharedDuties(matches, state)) {  // 4, 5
        return *decided;
      }
    }
  }
  if (const auto refused = Danger(q)) return *refused;  // 6
  if (protective) return PlainPermit();                 // 7
  if (request.operation == Operation::kReferralEvent) return PlainPermit();
  if (!HasRecord(q) || request.operation == Operation::kAggregateCount) {
    return WithoutRecord(q, matches);  // 12
  }
  return OnRecord(q, matches);  // 8 to 12
}

bool ReferenceLeftOutOfCounts(const PolicySet& set, const RecordFacts& record) {
  if (!set.national.has_value()) return false;
  for (const Deny& deny : set.national->denies) {
    if (!deny.withhold.empty()) continue;
    if (!AnyOr(deny.operation, Operation::kAggregateCount)) continue;
    if (ForNoGroup(deny.when, record, Reader::kRestriction) != kNo) return true;
  }
  return false;
}

}  // namespace comity
