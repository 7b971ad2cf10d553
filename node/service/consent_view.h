#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "comity/federation/v1/referral.pb.h"
#include "comity/operators/v1/consent_service.pb.h"
#include "node/crypto/random.h"
#include "node/delivery/dossier.h"
#include "node/domain/case_facts.h"

namespace comity {

// Between the operator API's messages about consent and domain values.

operators::v1::ConsentRecord ConsentViewOf(const Consent& consent);

// The act as a request tells it, salted. FIELD_INVALID for unknown words, a
// guardian that the state does not ask for, or an end that is past or over 180
// days ahead.
absl::StatusOr<Consent> ParseConsent(
    const operators::v1::ConsentRecord& consent, const Uuid& consent_id,
    const Uuid& case_id, absl::string_view recorded_by, absl::Time now,
    RandomSource& random);

// FIELD_INVALID unless it is one of the closed list.
absl::StatusOr<WithdrawalChannel> ParseChannel(const std::string& name);

// What the own log holds of an act: HMAC-SHA-256(the act's salt, the
// deterministic bytes of its ConsentRecord without digest and withdrawals).
// Empty for an act without a salt.
std::string DigestOf(const Consent& consent);

// A withdrawal and its answer as events of a dossier carry them.
FieldGroups GroupsOf(const federation::v1::ConsentWithdrawal& withdrawal);
federation::v1::ConsentWithdrawal FormatWithdrawal(bool whole,
                                                   FieldGroups groups);

// How far the withdrawals of a dossier have come at `now`; nullopt: there was
// none.
std::optional<operators::v1::WithdrawalStanding> WithdrawalStandingOf(
    const Dossier& dossier, absl::Time now);

}  // namespace comity
