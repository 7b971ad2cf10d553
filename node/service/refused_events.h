#pragma once

#include "absl/status/status.h"
#include "node/base/uuid.h"
#include "node/domain/participant.h"
#include "node/store/store.h"

namespace comity {

// An event that was refused once stays refused, whatever changes meanwhile: its
// author has, or will get, a receipt that says so, and a late copy must not
// come to anything else (design.md law 7).

// Marks are written for what a partner sends: each partner has 65,536 places,
// an id always the same one, and who has filled hers loses marks of her own.

// The refusal that the partner's event got before; OK if there was none.
absl::Status CheckNotRefused(const StateReader& store,
                             const ParticipantCode& partner,
                             const Uuid& event_id);

// Notes why an event of this id is refused.
absl::Status NoteRefused(StateWriter& store, const ParticipantCode& partner,
                         const Uuid& event_id, const absl::Status& why);

// A packet that was overtaken by the withdrawal of what it tells: refused as
// REFERRAL_STATE_CONFLICT once its dossier was noted as withdrawn.
absl::Status CheckNotWithdrawn(const StateReader& store,
                               const ParticipantCode& partner,
                               const Uuid& referral_id);
absl::Status NoteWithdrawn(StateWriter& store, const ParticipantCode& partner,
                           const Uuid& referral_id);

}  // namespace comity
