#include "node/domain/case_facts.h"

namespace comity {
namespace {

bool Covers(const Consent& consent, FieldGroup group, Purpose purpose,
            const ParticipantCode& recipient, absl::string_view organisation) {
  return consent.recipient == recipient && consent.purpose == purpose &&
         consent.groups.Contains(group) &&
         (consent.recipient_organisation.empty() ||
          organisation == consent.recipient_organisation);
}

absl::Time ChangedAt(const Consent& consent) {
  return consent.withdrawn_at.value_or(consent.given_at);
}

}  // namespace

ConsentState ConsentFor(const CaseFacts& facts, FieldGroup group,
                        Purpose purpose, const ParticipantCode& recipient,
                        absl::string_view organisation, absl::Time now) {
  const Consent* newest = nullptr;
  for (const Consent& consent : facts.consents) {
    if (!Covers(consent, group, purpose, recipient, organisation)) continue;
    if (newest == nullptr || ChangedAt(consent) >= ChangedAt(*newest)) {
      newest = &consent;
    }
  }
  if (newest == nullptr) return ConsentState::kNotAsked;
  if (newest->withdrawn_at.has_value()) return ConsentState::kWithdrawn;
  if (newest->state != ConsentState::kRefused && now >= newest->expires_at) {
    return ConsentState::kNotAsked;
  }
  return newest->state;
}

}  // namespace comity
