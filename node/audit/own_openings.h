#pragma once

#include "absl/status/status.h"
#include "node/domain/participant.h"
#include "node/store/store.h"

namespace comity {

// Whether the own log of `self` still says what its entries commit to: of each
// entry the opening is there and fits its leaf. What an erasure took out of one
// it says itself. The leaves alone verify without them, so that whoever can
// write to the store could take out who did what. INTEGRITY_FAILURE names the
// first entry of which it is not so.
absl::Status CheckOwnOpenings(const LogReader& store,
                              const ParticipantCode& self);

}  // namespace comity
