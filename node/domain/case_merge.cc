#include "node/domain/case_merge.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

absl::Status Conflict(absl::string_view what) {
  return ReasonError(ErrorReason::kReferralStateConflict, what);
}

bool SaysNo(ConsentState state) {
  return state == ConsentState::kRefused || state == ConsentState::kWithdrawn;
}

// The groups of `act`, given in one record, to which `facts`, the other one,
// says no. An act for a whole state is no wider than what any of its
// organisations was refused.
FieldGroups ContradictedBy(const CaseFacts& facts, const Consent& act,
                           absl::Time now) {
  std::set<std::string> organisations = {act.recipient_organisation};
  if (act.recipient_organisation.empty()) {
    for (const Consent& each : facts.consents) {
      if (each.recipient == act.recipient) {
        organisations.insert(each.recipient_organisation);
      }
    }
  }
  FieldGroups contradicted;
  for (const FieldGroup group : act.groups.Minus(act.Withdrawn()).Values()) {
    for (const std::string& organisation : organisations) {
      if (SaysNo(ConsentFor(facts, group, act.purpose, act.recipient,
                            organisation, now))) {
        contradicted = contradicted.With(group);
      }
    }
  }
  return contradicted;
}

// Adds the acts of `from` to the merged ones.
void AddActs(const CaseFacts& from, const CaseFacts& opposite,
             const GroupsWithdrawn& how, MergedFacts& merged) {
  for (Consent act : from.consents) {
    act.case_id = merged.facts.case_id;
    GroupsWithdrawn withdrawn = how;
    if (act.state != ConsentState::kRefused) {
      withdrawn.groups = ContradictedBy(opposite, act, how.at);
    }
    if (!withdrawn.groups.empty()) {
      act.withdrawals.push_back(std::move(withdrawn));
      merged.withdrawn.push_back(act);
    }
    merged.facts.consents.push_back(std::move(act));
  }
}

// The union of the flags, as old as the older screening.
absl::StatusOr<std::optional<DangerScreening>> UniteScreenings(
    const CaseFacts& keep, const CaseFacts& other) {
  if (keep.screening.has_value() != other.screening.has_value()) {
    return ReasonError(
        ErrorReason::kScreeningMissing,
        absl::StrCat("the ", keep.screening.has_value() ? "other" : "first",
                     " case was never screened for danger; screen it first, "
                     "comity case screen, so that the flags of both count"));
  }
  if (!keep.screening.has_value()) return std::nullopt;
  const bool keep_is_older =
      keep.screening->screened_at <= other.screening->screened_at;
  DangerScreening united = keep_is_older ? *keep.screening : *other.screening;
  const DangerScreening& newer =
      keep_is_older ? *other.screening : *keep.screening;
  united.never_contact |= newer.never_contact;
  united.official_involvement |= newer.official_involvement;
  for (const ParticipantCode& code : newer.never_share_with) {
    if (std::find(united.never_share_with.begin(),
                  united.never_share_with.end(),
                  code) == united.never_share_with.end()) {
      united.never_share_with.push_back(code);
    }
  }
  return united;
}

absl::StatusOr<std::optional<Provenance>> UniteProvenances(
    const CaseFacts& keep, const CaseFacts& other) {
  if (!keep.provenance.has_value() && !other.provenance.has_value()) {
    return std::nullopt;
  }
  if (!keep.provenance.has_value() || !other.provenance.has_value() ||
      keep.provenance->referral_id != other.provenance->referral_id) {
    return Conflict(
        "a case that was made of a partner's packet is bound to its release, "
        "and erased with it: it is merged only with another one of the same "
        "referral; keep both, and let the danger flags of each stand in the "
        "other too, comity case screen");
  }
  const auto earlier = [](const std::optional<absl::Time>& a,
                          const std::optional<absl::Time>& b) {
    return a.has_value() && b.has_value() ? std::min(*a, *b)
                                          : (a.has_value() ? a : b);
  };
  Provenance united = *keep.provenance;
  const Provenance& second = *other.provenance;
  united.no_onward_transfer |= second.no_onward_transfer;
  united.erase_at = earlier(united.erase_at, second.erase_at);
  united.withdrawn_at = earlier(united.withdrawn_at, second.withdrawn_at);
  return united;
}

absl::StatusOr<std::optional<LegalHold>> UniteHolds(const CaseFacts& keep,
                                                    const CaseFacts& other,
                                                    absl::Time now) {
  if (!other.HeldAt(now)) return keep.hold;
  if (!keep.HeldAt(now)) return other.hold;
  if (keep.hold->ground != other.hold->ground) {
    return Conflict(absl::StrCat(
        "both cases are held, on the grounds ", Name(keep.hold->ground),
        " and ", Name(other.hold->ground),
        ", and one case has one hold: whoever may hold cases puts one ground "
        "on both, comity case hold"));
  }
  return keep.hold->until >= other.hold->until ? keep.hold : other.hold;
}

bool IsDelegated(const CaseFacts& facts, absl::Time now) {
  return facts.delegation.has_value() && now < facts.delegation->until;
}

bool MayBeAChild(const CaseFacts& facts) {
  return facts.age == AgeClass::kChild || facts.age == AgeClass::kAgeDisputed;
}

}  // namespace

absl::StatusOr<MergedFacts> MergeFacts(const CaseFacts& keep,
                                       const CaseFacts& other,
                                       const GroupsWithdrawn& how) {
  MergedFacts merged;
  merged.facts = keep;
  CaseFacts& facts = merged.facts;
  ASSIGN_OR_RETURN(facts.provenance, UniteProvenances(keep, other));
  ASSIGN_OR_RETURN(facts.screening, UniteScreenings(keep, other));
  ASSIGN_OR_RETURN(facts.hold, UniteHolds(keep, other, how.at));
  if (!IsDelegated(keep, how.at)) facts.delegation = other.delegation;
  if (other.recorded_at.has_value()) {
    facts.recorded_at = std::min(*other.recorded_at,
                                 keep.recorded_at.value_or(*other.recorded_at));
  }
  facts.consents.clear();
  AddActs(keep, other, how, merged);
  AddActs(other, keep, how, merged);
  facts.merged.insert(facts.merged.end(), other.merged.begin(),
                      other.merged.end());
  return merged;
}

bool LosesAChild(const CaseFacts& keep, const CaseFacts& other,
                 const CaseFacts& merged) {
  return (MayBeAChild(keep) || MayBeAChild(other)) && !MayBeAChild(merged);
}

std::string MergedText(const MergedCase& merged) {
  return absl::StrCat(
      "merged into another case on ",
      absl::FormatTime("%Y-%m-%d", merged.merged_at, absl::UTCTimeZone()),
      " by ", merged.merged_by);
}

}  // namespace comity
