#include "node/domain/case_facts.h"

#include <algorithm>
#include <array>

#include "node/domain/enum_names.h"

namespace comity {
namespace {

constexpr std::array kGrounds = {
    "UNSET",       "COURT_ORDER",    "CRIMINAL_PROCEEDINGS",
    "LEGAL_CLAIM", "VITAL_INTEREST", "ASSISTANCE"};

bool Covers(const Consent& consent, FieldGroup group, Purpose purpose,
            const ParticipantCode& recipient, absl::string_view organisation) {
  return consent.recipient == recipient && consent.purpose == purpose &&
         consent.groups.Contains(group) &&
         (consent.recipient_organisation.empty() ||
          organisation == consent.recipient_organisation);
}

absl::Time ChangedAt(const Consent& consent, FieldGroup group) {
  return consent.WithdrawnAt(group).value_or(consent.given_at);
}

bool SaysNo(const Consent& consent) {
  return consent.state == ConsentState::kRefused ||
         !consent.withdrawals.empty();
}

// When an act was last changed, in whatever groups.
absl::Time LastWordOf(const Consent& consent) {
  return consent.withdrawals.empty() ? consent.given_at
                                     : consent.withdrawals.back().at;
}

// Whether `act` is consent given to the same recipient after `no`.
bool Overrules(const Consent& act, const Consent& no) {
  return act.purpose == no.purpose && act.recipient == no.recipient &&
         act.recipient_organisation == no.recipient_organisation &&
         !SaysNo(act) && act.given_at > LastWordOf(no);
}

}  // namespace

absl::string_view Name(HoldGround value) { return NameIn(kGrounds, value); }

template <>
HoldGround FromName(absl::string_view name) {
  return FromNameIn<HoldGround>(kGrounds, name);
}

const MergedCase* CaseFacts::KnownBy(const Uuid& pseudonym) const {
  for (const MergedCase& each : merged) {
    const std::vector<Uuid>& names = each.pseudonyms;
    if (std::find(names.begin(), names.end(), pseudonym) != names.end()) {
      return &each;
    }
  }
  return nullptr;
}

bool CaseFacts::OutOfCounts() const {
  if (ShutOff()) return true;
  return std::any_of(
      consents.begin(), consents.end(), [this](const Consent& no) {
        return no.purpose == Purpose::kStatistics && SaysNo(no) &&
               std::none_of(
                   consents.begin(), consents.end(),
                   [&no](const Consent& act) { return Overrules(act, no); });
      });
}

absl::Time ErasureDue(const CaseFacts& facts) {
  if (!facts.provenance.has_value()) return absl::InfiniteFuture();
  const Provenance& from = *facts.provenance;
  const absl::Time due =
      std::min(from.erase_at.value_or(absl::InfiniteFuture()),
               from.withdrawn_at.value_or(absl::InfiniteFuture()));
  return facts.hold.has_value() ? std::max(due, facts.hold->until) : due;
}

bool NeedsGuardian(const CaseFacts& facts) {
  return facts.age == AgeClass::kChild || facts.age == AgeClass::kAgeDisputed;
}

ConsentState ConsentFor(const CaseFacts& facts, FieldGroup group,
                        Purpose purpose, const ParticipantCode& recipient,
                        absl::string_view organisation, absl::Time now) {
  const Consent* newest = nullptr;
  for (const Consent& consent : facts.consents) {
    if (!Covers(consent, group, purpose, recipient, organisation)) continue;
    if (consent.state == ConsentState::kGiven && NeedsGuardian(facts) &&
        !consent.WithdrawnAt(group).has_value()) {
      continue;
    }
    if (newest == nullptr ||
        ChangedAt(consent, group) >= ChangedAt(*newest, group)) {
      newest = &consent;
    }
  }
  if (newest == nullptr) return ConsentState::kNotAsked;
  if (newest->WithdrawnAt(group).has_value()) return ConsentState::kWithdrawn;
  if (newest->state != ConsentState::kRefused && now >= newest->expires_at) {
    return ConsentState::kNotAsked;
  }
  return newest->state;
}

}  // namespace comity
