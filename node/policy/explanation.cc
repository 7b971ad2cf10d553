#include "node/policy/explanation.h"

#include <algorithm>

#include "node/policy/budgets.h"
#include "node/policy/judge.h"

namespace comity {
namespace {

// The notes of one request.
struct Noting {
  const CompiledPolicy& policy;
  const RequestFacts& request;
  const RecordFacts& record;
  const StateFacts& state;
  bool looks;  // at the record
};

void Append(ConditionNotes& notes, ConditionNotes more) {
  for (ConditionNote& note : more) notes.push_back(std::move(note));
}

// The truth of a rule's conditions is the highest at which they reach anything.
Truth TruthOf(const When& when, FieldGroups wanted, const RecordFacts& record,
              RelationMode mode) {
  for (const Truth truth : {Truth::kTrue, Truth::kUnknown}) {
    if (!ReachOf(when, wanted, record, mode, truth).nothing()) return truth;
  }
  return Truth::kFalse;
}

RuleNote NoteGrant(const Agreement& agreement, const Grant& grant,
                   const Noting& noting) {
  RuleNote note;
  note.failed = NoteDimensions(agreement, grant, noting.request);
  note.place = grant.places.rule;
  note.file = agreement.file;
  const bool fits = note.failed.empty();
  const FieldGroups wanted = grant.release.Intersect(noting.request.wanted);
  if (!noting.looks) {
    note.acts = fits;
    note.applies = fits ? Truth::kTrue : Truth::kFalse;
    if (fits) note.groups = wanted;
    return note;
  }
  When when = grant.when;
  // Nobody's consent to nothing is missing.
  if (wanted.empty() && !noting.request.wanted.empty()) when.consent = {};
  Append(note.failed, NoteRecord(when, noting.record, RelationMode::kAll,
                                 wanted, grant.places));
  const bool closed = grant.break_glass && !noting.state.emergency;
  if (closed) {
    note.failed.push_back({"break_glass",
                           "no emergency is declared",
                           {"a declared emergency"},
                           Truth::kFalse,
                           FieldGroups(),
                           grant.places.Of("break_glass")});
  }
  if (!fits || closed) return note;
  note.applies = TruthOf(grant.when, wanted, noting.record, RelationMode::kAll);
  note.acts = note.applies == Truth::kTrue;
  if (note.acts) {
    note.groups = ReachOf(grant.when, wanted, noting.record, RelationMode::kAll,
                          Truth::kTrue)
                      .groups;
  }
  return note;
}

// Denials and requirements are alike but for what they do. `record` null: they
// are not read here.
template <typename Rule>
RuleNote NoteNational(const Rule& rule, const RecordFacts* record,
                      const Noting& noting) {
  const NationalRules& rules = *noting.policy.set().national;
  const FieldGroups wanted = noting.request.wanted;
  RuleNote note;
  note.failed = NoteDimensions(rules, rule, noting.request);
  note.place = rule.places.rule;
  note.file = rules.file;
  const bool fits = note.failed.empty();
  if (record == nullptr) {
    if (fits) note.applies = Truth::kUnknown;
    return note;
  }
  Append(note.failed, NoteRecord(rule.when, *record, RelationMode::kAny, wanted,
                                 rule.places));
  if (!fits) return note;
  note.applies = TruthOf(rule.when, wanted, *record, RelationMode::kAny);
  note.acts = note.applies != Truth::kFalse;
  note.groups =
      ReachOf(rule.when, wanted, *record, RelationMode::kAny, Truth::kUnknown)
          .groups;
  return note;
}

RuleNote NoteDeny(const Deny& deny, const Noting& noting) {
  RuleNote note =
      NoteNational(deny, noting.looks ? &noting.record : nullptr, noting);
  if (noting.state.emergency && deny.break_glass_may_override) {
    note.failed.push_back({"break_glass_may_override",
                           "an emergency is declared",
                           {"no emergency"},
                           Truth::kFalse,
                           FieldGroups(),
                           deny.places.Of("break_glass_may_override")});
    note.applies = Truth::kFalse;
    note.acts = false;
    note.groups = FieldGroups();
  }
  if (!deny.withhold.empty()) {
    note.groups = note.groups.Intersect(deny.withhold);
  }
  return note;
}

// The holder's requirements reach counts too, with nothing known of a record.
RuleNote NoteRequire(const Require& require, const Noting& noting) {
  static constexpr RecordFacts kNothingKnown;
  const bool counts = noting.request.holder == noting.request.self &&
                      noting.request.operation != Operation::kReferralEvent;
  return NoteNational(require,
                      noting.looks ? &noting.record
                      : counts     ? &kNothingKnown
                                   : nullptr,
                      noting);
}

std::vector<RuleNote> NoteRules(const Agreement* agreement,
                                const Noting& noting) {
  std::vector<RuleNote> notes;
  for (RuleRef ref = 0; ref < noting.policy.rules().size(); ++ref) {
    const RuleInfo& info = noting.policy.rule(ref);
    if (info.grant != nullptr && info.agreement != agreement) continue;
    notes.push_back(
        info.grant != nullptr  ? NoteGrant(*info.agreement, *info.grant, noting)
        : info.deny != nullptr ? NoteDeny(*info.deny, noting)
                               : NoteRequire(*info.require, noting));
    notes.back().rule = ref;
  }
  return notes;
}

const Duties& DutiesOf(const Noting& noting, RuleRef ref) {
  const RuleInfo& info = noting.policy.rule(ref);
  if (info.require != nullptr) return info.require->duties;
  const auto* agreement =
      noting.policy.Find(info.agreement->id, info.agreement->digest);
  return agreement->duties[ref - agreement->first_rule];
}

// The limits of grants that fit and of requirements that apply.
std::vector<LimitNote> NoteLimits(const Noting& noting,
                                  const std::vector<RuleNote>& rules) {
  std::vector<LimitNote> notes;
  const absl::Time now = noting.request.now;
  for (const Limit& limit : LimitsOf(noting.policy, noting.request)) {
    const uint32_t used = UsedOf(noting.state, limit.rule, limit.kind);
    const bool applies =
        std::any_of(rules.begin(), rules.end(), [&](const RuleNote& rule) {
          return rule.rule == limit.rule &&
                 (rule.acts || noting.policy.rule(rule.rule).grant != nullptr);
        });
    if (used < limit.max || !applies) continue;
    notes.push_back({limit.rule, std::string(Name(limit.kind)), used, limit.max,
                     WindowEnd(limit.kind, now)});
  }
  return notes;
}

// The budgets that this answer would exceed.
void NoteBudgets(const CompiledPolicy::IndexedAgreement& agreement,
                 const Noting& noting, std::vector<LimitNote>& notes) {
  const StateFacts& state = noting.state;
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilYear year = absl::ToCivilYear(noting.request.now, utc);
  noting.policy.ForEachGrant(
      agreement, noting.request,
      [&](RuleRef rule, const Grant&, const Duties& duties) {
        const auto note = [&](const char* window, uint32_t budget,
                              uint32_t before, uint32_t more, absl::Time end) {
          if (!GoesOver(budget, before, more)) return;
          notes.push_back({rule, window, before + more, budget, end});
        };
        note("year", duties.yearly_budget, state.cells_used_this_year,
             state.new_cells, absl::FromCivil(year + 1, utc));
        note("revision (tables that share columns)", MostLinkedTables(duties),
             0, state.linked_tables, absl::InfiniteFuture());
        note("period (thousandths of epsilon)",
             duties.epsilon_asker_thousandths, state.epsilon_spent,
             state.epsilon_new, absl::InfiniteFuture());
        note("period of all askers (thousandths of epsilon)",
             duties.epsilon_all_thousandths, state.epsilon_spent_by_all,
             state.epsilon_new_for_all, absl::InfiniteFuture());
        note("period (trillionths of delta)", DeltaBudget(duties),
             state.delta_spent, state.delta_new, absl::InfiniteFuture());
        note("period of all askers (trillionths of delta)", DeltaBudget(duties),
             state.delta_spent_by_all, state.delta_new_for_all,
             absl::InfiniteFuture());
      });
}

bool HasLimit(const std::vector<LimitNote>& limits, RuleRef rule) {
  return std::any_of(limits.begin(), limits.end(), [&](const LimitNote& limit) {
    return limit.rule == rule;
  });
}

// Whether the verdict stands on `note`.
bool Decides(const Noting& noting, const Explanation& explanation,
             const RuleNote& note) {
  const Decision& decision = explanation.decision;
  const RuleInfo& info = noting.policy.rule(note.rule);
  const bool cited = std::find(decision.rules.begin(), decision.rules.end(),
                               note.rule) != decision.rules.end();
  if (decision.outcome == Outcome::kPermit) {
    // An event stands on any grant that lets it pass.
    return cited ||
           (noting.request.operation == Operation::kReferralEvent && note.acts);
  }
  switch (decision.reason) {
    case ErrorReason::kLimitReached:
      return info.grant != nullptr && HasLimit(explanation.limits, note.rule);
    case ErrorReason::kApprovalsMissing:
      return cited &&
             DutiesOf(noting, note.rule).approvals > noting.state.approvals;
    default:
      break;
  }
  switch (decision.private_reason) {
    case PrivateReason::kNationalDeny:
      return cited;
    case PrivateReason::kNothingLeft:
      return info.deny != nullptr && !note.groups.empty();
    case PrivateReason::kNationalLimit:
      return info.require != nullptr && HasLimit(explanation.limits, note.rule);
    case PrivateReason::kApprovalsAtHome:
      return cited && info.require != nullptr &&
             info.require->duties.approvals > noting.state.approvals_at_home;
    default:
      return false;
  }
}

}  // namespace

absl::Time WindowEnd(LimitKind kind, absl::Time now) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  switch (kind) {
    case LimitKind::kHour:
      return absl::FromCivil(absl::ToCivilHour(now, utc) + 1, utc);
    case LimitKind::kMonth:
      return absl::FromCivil(absl::ToCivilMonth(now, utc) + 1, utc);
    case LimitKind::kDay:
    case LimitKind::kOfficerDay:
      break;
  }
  return absl::FromCivil(absl::ToCivilDay(now, utc) + 1, utc);
}

Explanation Explain(const CompiledPolicy& policy, const RequestFacts& request,
                    const RecordFacts& record, const StateFacts& state) {
  Explanation explanation;
  explanation.decision = Judge(policy, request, record, state);
  const auto* agreement =
      policy.Find(request.agreement_id, request.agreement_digest);
  const Agreement* body = agreement == nullptr ? nullptr : agreement->agreement;
  explanation.request = NoteRequest(policy.set(), body, request);
  if (body != nullptr) explanation.agreement_file = body->file;
  if (explanation.decision.outcome == Outcome::kPermit) {
    explanation.withheld = request.wanted.Minus(explanation.decision.released);
  }
  // No rule is read for a protective operation.
  if (IsProtective(request.operation)) return explanation;
  const Noting noting{policy, request, record, state,
                      LooksAtRecord(request, record) &&
                          request.operation != Operation::kReferralEvent};
  explanation.rules = NoteRules(body, noting);
  explanation.limits = NoteLimits(noting, explanation.rules);
  if (agreement != nullptr) NoteBudgets(*agreement, noting, explanation.limits);
  for (RuleNote& note : explanation.rules) {
    note.deciding = Decides(noting, explanation, note);
  }
  return explanation;
}

}  // namespace comity
