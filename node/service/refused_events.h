#pragma once

#include "absl/status/status.h"
#include "node/base/uuid.h"
#include "node/store/store.h"

namespace comity {

// An event that was refused once stays refused, whatever changes meanwhile: its
// author has, or will get, a receipt that says so, and a late copy must not
// come to anything else (design.md law 7).

// The refusal that the event got before; OK if there was none.
absl::Status CheckNotRefused(const StateReader& store, const Uuid& event_id);

// Notes why an event of this id is refused.
absl::Status NoteRefused(StateWriter& store, const Uuid& event_id,
                         const absl::Status& why);

}  // namespace comity
