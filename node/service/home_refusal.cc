#include "node/service/home_refusal.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/policy/explanation.h"
#include "node/service/dossier_step.h"

namespace comity {
namespace {

std::string NamesOf(FieldGroups groups) {
  return absl::StrJoin(groups.Values(), ", ",
                       [](std::string* out, FieldGroup group) {
                         absl::StrAppend(out, Name(group));
                       });
}

// What no file decides; empty for what one does.
std::string BuiltIn(PrivateReason reason) {
  switch (reason) {
    case PrivateReason::kUnscreened:
      return "the case was never screened for danger; record it with comity "
             "case screen";
    case PrivateReason::kNeverContact:
    case PrivateReason::kNeverShareWith:
    case PrivateReason::kOfficialInvolvement:
      return absl::StrCat(
          "the danger screening of the case keeps everything from this "
          "participant: ",
          Name(reason), "; comity case screen records another one");
    case PrivateReason::kOnwardTransfer:
    case PrivateReason::kPurposeBound:
      return absl::StrCat("the case was ", Name(reason),
                          "; ask the participant that it came from");
    default:
      return "";
  }
}

std::string PlaceOf(const RuleNote& note) {
  return absl::StrCat(note.file, ":", note.place.line);
}

// The own rules that take one of `groups`, each with its place; removes from
// `groups` what they take.
void AddOwnRules(const CompiledPolicy& policy, const Explanation& why,
                 FieldGroups& groups, std::vector<std::string>& parts) {
  const FieldGroups asked = groups;
  for (const RuleNote& note : why.rules) {
    const RuleInfo& rule = policy.rule(note.rule);
    const FieldGroups taken = note.groups.Intersect(asked);
    if (rule.deny == nullptr || !note.acts || taken.empty()) continue;
    parts.push_back(absl::StrCat("the own rule ", rule.id, " (", PlaceOf(note),
                                 ") withholds ", NamesOf(taken)));
    groups = groups.Minus(taken);
  }
  for (const LimitNote& limit : why.limits) {
    parts.push_back(absl::StrCat(
        "the limit of ", policy.rule(limit.rule).id, " is used up until ",
        absl::FormatTime("%Y-%m-%d %H:%M UTC", limit.resets,
                         absl::UTCTimeZone())));
  }
}

// What consent leaves out, and what is left for the agreement's conditions.
void AddRest(const RequestFacts& request, const CaseFacts& facts,
             FieldGroups groups, std::vector<std::string>& parts) {
  FieldGroups unasked;
  for (const FieldGroup group : groups.Values()) {
    const ConsentState state = ConsentFor(facts, group, request.purpose,
                                          request.asker, "", request.now);
    if (state != ConsentState::kGiven &&
        state != ConsentState::kGivenByGuardian) {
      unasked = unasked.With(group);
    }
  }
  if (!unasked.empty()) {
    parts.push_back(absl::StrCat("her consent does not cover ",
                                 NamesOf(unasked),
                                 "; comity consent record adds it"));
  }
  const FieldGroups left = groups.Minus(unasked);
  if (left.empty()) return;
  parts.push_back(absl::StrCat(
      "no condition of a grant of ", request.agreement_id, " holds for ",
      NamesOf(left), " now; comity policy show says when one would"));
}

}  // namespace

absl::Status RefusedAtHome(const PolicyEngine& engine,
                           const RequestFacts& request,
                           const RecordFacts& record, const StateFacts& state,
                           const CaseFacts& facts, FieldGroups groups) {
  const CompiledPolicy& policy = engine.policy();
  const Explanation why = Explain(policy, request, record, state);
  const Decision& decision = why.decision;
  if (decision.outcome != Outcome::kPermit &&
      decision.private_reason == PrivateReason::kNone) {
    return RefusalInFull(decision);
  }
  std::vector<std::string> parts;
  if (std::string text = BuiltIn(decision.private_reason); !text.empty()) {
    parts.push_back(std::move(text));
  } else {
    FieldGroups left = decision.outcome == Outcome::kPermit
                           ? groups.Minus(decision.released)
                           : groups;
    AddOwnRules(policy, why, left, parts);
    AddRest(request, facts, left, parts);
  }
  return ReasonError(
      ErrorReason::kRefusedAtHome,
      absl::StrCat("refused at home: ", absl::StrJoin(parts, "; ")));
}

}  // namespace comity
