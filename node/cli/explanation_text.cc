#include "node/cli/explanation_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "node/cli/groups.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

constexpr size_t kRulesShown = 2;

std::string Groups(const google::protobuf::RepeatedField<int>& groups) {
  return absl::StrCat("[", GroupNames(groups), "]");
}

template <typename Message>
std::string Place(const Message& at) {
  if (at.line() == 0) return "";
  return absl::StrCat(at.file(), ":", at.line(), ":", at.column());
}

// What both sides are told, in words.
absl::string_view SharedReason(absl::string_view reason) {
  return reason == "NO_GRANT"            ? "no grant matches"
         : reason == "LIMIT_REACHED"     ? "a limit is reached"
         : reason == "FIELD_INVALID"     ? "the request is incomplete"
         : reason == "APPROVALS_MISSING" ? "approvals that the agreement "
                                           "demands are missing"
                                         : "the agreement is not in force";
}

std::string Reason(const pb::DecisionExplanation& from) {
  if (from.outcome() == "PERMIT") {
    return absl::StrCat(Groups(from.released()),
                        from.break_glass() ? " in a declared emergency" : "");
  }
  std::string text = from.private_reason().empty()
                         ? std::string(SharedReason(from.reason()))
                         : from.private_reason();
  if (from.approvals_missing() > 0) {
    absl::StrAppend(&text, " (", from.approvals_missing(), ")");
  }
  return text;
}

std::string Verdict(const pb::DecisionExplanation& from) {
  std::string text = absl::StrCat(from.outcome(), "  ", Reason(from));
  if (from.outcome() != "PERMIT") {
    absl::StrAppend(&text, "    told to the asker: ",
                    from.shared()
                        ? absl::StrCat("yes (", from.reason(), ")")
                        : "no (it hears NOT_AVAILABLE, as for no such record)");
  } else if (from.withheld_size() > 0) {
    absl::StrAppend(&text, "    withheld: ", Groups(from.withheld()),
                    ", told to the asker: no");
  }
  return text + "\n";
}

std::string Condition(const pb::FailedCondition& failed) {
  return absl::StrCat(
      failed.fact(), ": ", failed.value(),
      failed.groups_size() > 0 ? absl::StrCat(" for ", Groups(failed.groups()))
                               : "",
      failed.truth() == "UNKNOWN" ? ", asked for [" : " not in [",
      absl::StrJoin(failed.allowed(), ", "), "]");
}

const char* Applies(const pb::RuleExplanation& rule) {
  return rule.applies() == "TRUE"    ? "yes"
         : rule.applies() == "FALSE" ? "no"
                                     : "unknown";
}

// "  gives [NEEDS]"; empty if the rule does nothing.
std::string Effect(const pb::RuleExplanation& rule) {
  if (!rule.acts() || rule.groups_size() == 0) return "";
  return absl::StrCat("  ",
                      rule.kind() == "grant"  ? "gives "
                      : rule.kind() == "deny" ? "takes "
                                              : "for ",
                      Groups(rule.groups()));
}

// One line; the first condition in full, of the others the names.
std::string RuleLine(const pb::RuleExplanation& rule) {
  std::string text = absl::StrCat("  ", rule.deciding() ? "* " : "  ",
                                  rule.id(), "  ", Applies(rule), Effect(rule));
  std::string place = Place(rule);
  for (int i = 0; i < rule.failed_size(); ++i) {
    const pb::FailedCondition& failed = rule.failed(i);
    absl::StrAppend(&text, i == 0 ? "  " : "; ",
                    i == 0 ? Condition(failed) : failed.fact());
    if (i == 0 && failed.line() != 0) place = Place(failed);
  }
  return absl::StrCat(text, "  ", place, "\n");
}

std::string RuleBlock(const pb::RuleExplanation& rule) {
  std::string text = absl::StrCat(
      "  ", rule.deciding() ? "* " : "  ", rule.id(), "  ", rule.kind(), "  ",
      Applies(rule), "  ", rule.groups_size() > 0 ? Groups(rule.groups()) : "",
      "  ", Place(rule), "\n");
  for (const pb::FailedCondition& failed : rule.failed()) {
    absl::StrAppend(&text, "      ", Condition(failed), "  ", Place(failed),
                    "\n");
  }
  return text;
}

// Deciding rules first, then grants, those with fewest failed conditions first.
std::vector<const pb::RuleExplanation*> Nearest(
    const pb::DecisionExplanation& from) {
  std::vector<const pb::RuleExplanation*> rules;
  for (const pb::RuleExplanation& rule : from.rules()) {
    if (rule.deciding() || rule.kind() == "grant") rules.push_back(&rule);
  }
  std::stable_sort(rules.begin(), rules.end(),
                   [](const auto* a, const auto* b) {
                     if (a->deciding() != b->deciding()) return a->deciding();
                     return a->failed_size() < b->failed_size();
                   });
  return rules;
}

std::string ChangeList(
    const google::protobuf::RepeatedPtrField<pb::ChangedFact>& changes) {
  return absl::StrJoin(
      changes, " and ", [](std::string* out, const pb::ChangedFact& change) {
        absl::StrAppend(out, change.fact(), " = ", change.value());
      });
}

std::string SmallestChangeLine(const pb::SmallestChange& change) {
  std::string text = "Smallest change: ";
  bool operator_alone = true;
  for (const pb::ChangedFact& changed : change.changes()) {
    operator_alone &= changed.operator_may_change();
  }
  if (change.changes_size() > 0) {
    absl::StrAppend(&text, ChangeList(change.changes()), " -> ",
                    change.outcome());
    if (change.approvals_size() > 0) {
      absl::StrAppend(&text, " (", change.approvals_missing(),
                      " approval(s) missing); then ");
    }
  }
  if (change.approvals_size() > 0) {
    absl::StrAppend(&text, ChangeList(change.approvals()), " -> PERMIT");
  }
  return absl::StrCat(
      text, " ", Groups(change.released()),
      operator_alone ? " (you may change)" : " (only the record's facts)",
      "\n");
}

// "  approvals = 0 -> HOLD (APPROVALS_MISSING)".
std::string LosingLine(const pb::LosingChange& losing) {
  const std::string& why = losing.private_reason().empty()
                               ? losing.reason()
                               : losing.private_reason();
  return absl::StrCat("  ", losing.change().fact(), " = ",
                      losing.change().value(), " -> ", losing.outcome(), " (",
                      why, ")\n");
}

// What a permit rests on: the facts that lose it.
std::string LosingLines(const pb::DecisionExplanation& from) {
  if (from.losing_changes().empty()) return "";
  std::string text = "Would lose the permit, one change each:\n";
  for (const pb::LosingChange& losing : from.losing_changes()) {
    text += LosingLine(losing);
  }
  return text;
}

std::string NationalLine(const pb::DecisionExplanation& from) {
  std::vector<std::string> texts;
  for (const pb::RuleExplanation& rule : from.rules()) {
    if (rule.kind() == "grant") continue;
    std::vector<std::string> unknown;
    for (const pb::FailedCondition& failed : rule.failed()) {
      if (failed.truth() == "UNKNOWN") unknown.push_back(failed.fact());
    }
    texts.push_back(absl::StrCat(
        rule.id(), " ", rule.applies(),
        rule.applies() == "UNKNOWN" && !unknown.empty()
            ? absl::StrCat(" (", absl::StrJoin(unknown, ", "), " not known)")
            : ""));
  }
  if (texts.empty()) return "";
  return absl::StrCat("National rules also read: ", absl::StrJoin(texts, ", "),
                      "\n");
}

std::string LimitLine(const pb::UsedLimit& limit) {
  const std::string used =
      absl::StrCat("Limit: ", limit.rule_id(), " ", limit.used(), " of ",
                   limit.max(), " a ", limit.window());
  if (!limit.has_resets()) return absl::StrCat(used, "; for good\n");
  const auto resets = FromProtoTime(limit.resets());
  return absl::StrCat(
      used, "; free again at ",
      resets.ok()
          ? absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *resets, absl::UTCTimeZone())
          : "a time that is not known",
      "\n");
}

}  // namespace

std::string ExplanationText(const pb::DecisionExplanation& from, bool verbose) {
  std::string text = Verdict(from);
  for (const pb::FailedCondition& failed : from.request()) {
    absl::StrAppend(&text, "  ", Condition(failed), "  ", Place(failed), "\n");
  }
  if (verbose) {
    for (const pb::RuleExplanation& rule : from.rules()) {
      text += RuleBlock(rule);
    }
  } else {
    const auto nearest = Nearest(from);
    for (size_t i = 0; i < std::min(kRulesShown, nearest.size()); ++i) {
      text += RuleLine(*nearest[i]);
    }
  }
  for (const pb::UsedLimit& limit : from.limits()) text += LimitLine(limit);
  for (const pb::SmallestChange& change : from.smallest_changes()) {
    text += SmallestChangeLine(change);
  }
  if (from.outcome() != "PERMIT" && from.smallest_changes_size() == 0) {
    text += "Smallest change: none of two facts or fewer\n";
  }
  text += LosingLines(from);
  if (!verbose) text += NationalLine(from);
  return text;
}

}  // namespace comity
