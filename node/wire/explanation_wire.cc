#include "node/wire/explanation_wire.h"

#include "node/base/error_reason.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

std::string TextOf(Truth truth) {
  return truth == Truth::kTrue      ? "TRUE"
         : truth == Truth::kUnknown ? "UNKNOWN"
                                    : "FALSE";
}

template <typename Repeated>
void FormatGroups(FieldGroups groups, Repeated* out) {
  for (const FieldGroup group : groups.Values()) {
    out->Add(static_cast<v1::RecordGroup>(group));
  }
}

template <typename Message>
void FormatPlace(const std::string& file, FilePlace place, Message& out) {
  if (place.line == 0) return;
  out.set_file(file);
  out.set_line(static_cast<uint32_t>(place.line));
  out.set_column(static_cast<uint32_t>(place.column));
}

template <typename Repeated>
void FormatConditions(const ConditionNotes& notes, const std::string& file,
                      Repeated* out) {
  for (const ConditionNote& note : notes) {
    pb::FailedCondition& condition = *out->Add();
    condition.set_fact(note.fact);
    condition.set_value(note.value);
    for (const std::string& allowed : note.allowed) {
      condition.add_allowed(allowed);
    }
    condition.set_truth(TextOf(note.truth));
    FormatGroups(note.groups, condition.mutable_groups());
    FormatPlace(file, note.place, condition);
  }
}

void FormatRule(const RuleInfo& info, const RuleNote& note,
                pb::RuleExplanation& out) {
  out.set_id(info.id);
  out.set_kind(info.grant != nullptr  ? "grant"
               : info.deny != nullptr ? "deny"
                                      : "require");
  out.set_applies(TextOf(note.applies));
  out.set_acts(note.acts);
  out.set_deciding(note.deciding);
  FormatGroups(note.groups, out.mutable_groups());
  FormatConditions(note.failed, note.file, out.mutable_failed());
  FormatPlace(note.file, note.place, out);
}

void FormatChange(const FactChange& change, pb::ChangedFact& out) {
  out.set_fact(Name(change.fact));
  out.set_value(change.value);
  out.set_operator_may_change(OperatorMayChange(change.fact));
}

template <typename Repeated>
void FormatChanges(const std::vector<FactChange>& changes, Repeated* out) {
  for (const FactChange& change : changes) FormatChange(change, *out->Add());
}

void FormatLosses(const std::vector<ChangeProposal>& losses,
                  pb::DecisionExplanation& out) {
  for (const ChangeProposal& loss : losses) {
    pb::LosingChange* losing = out.add_losing_changes();
    FormatChange(loss.changes[0], *losing->mutable_change());
    losing->set_outcome(std::string(Name(loss.after.outcome)));
    losing->set_reason(std::string(ReasonName(loss.after.reason)));
    losing->set_private_reason(std::string(Name(loss.after.private_reason)));
  }
}

}  // namespace

pb::DecisionExplanation FormatExplanation(
    const CompiledPolicy& policy, const Explanation& explanation,
    const std::vector<ChangeProposal>& proposals,
    const std::vector<ChangeProposal>& losses) {
  const Decision& decision = explanation.decision;
  pb::DecisionExplanation out;
  out.set_outcome(std::string(Name(decision.outcome)));
  if (decision.outcome != Outcome::kPermit) {
    out.set_reason(std::string(ReasonName(decision.reason)));
  }
  out.set_private_reason(std::string(Name(decision.private_reason)));
  out.set_shared(decision.shared);
  FormatGroups(decision.released, out.mutable_released());
  FormatGroups(explanation.withheld, out.mutable_withheld());
  out.set_approvals_missing(decision.approvals_missing);
  out.set_break_glass(decision.break_glass);
  FormatConditions(explanation.request, explanation.agreement_file,
                   out.mutable_request());
  for (const RuleNote& note : explanation.rules) {
    FormatRule(policy.rule(note.rule), note, *out.add_rules());
  }
  for (const LimitNote& note : explanation.limits) {
    pb::UsedLimit* limit = out.add_limits();
    limit->set_rule_id(policy.rule(note.rule).id);
    limit->set_window(note.window);
    limit->set_used(note.used);
    limit->set_max(note.max);
    if (note.resets == absl::InfiniteFuture()) continue;
    *limit->mutable_resets() = ToProtoTime(note.resets);
  }
  for (const ChangeProposal& proposal : proposals) {
    pb::SmallestChange* change = out.add_smallest_changes();
    FormatChanges(proposal.changes, change->mutable_changes());
    change->set_outcome(std::string(Name(proposal.after.outcome)));
    change->set_approvals_missing(proposal.after.approvals_missing);
    FormatChanges(proposal.approvals, change->mutable_approvals());
    FormatGroups(proposal.permitted.released, change->mutable_released());
  }
  FormatLosses(losses, out);
  return out;
}

}  // namespace comity
