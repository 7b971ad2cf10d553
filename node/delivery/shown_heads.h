#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "node/audit/witness.h"
#include "node/domain/participant.h"
#include "node/store/store.h"

namespace comity {

// Which sizes of the own log a partner may hold as its proved head: those that
// it was shown, and has not told to have passed. A bundle proves the way from
// each of them, since its writer cannot ask.

// The smallest sizes of all need not be noted.
inline constexpr uint64_t kFirstSizes = 8;

// Ascending, at most 40: the last 32 that were noted, and the first sizes of
// all, one of which a partner takes as proved without asking for anything.
absl::StatusOr<std::vector<uint64_t>> ReadShownHeads(
    const StateReader& store, const ParticipantCode& partner);

// The partner was shown heads of these sizes, or will be by a bundle.
absl::Status NoteShownHeads(StoreTransaction& store,
                            const ParticipantCode& partner,
                            const std::vector<uint64_t>& sizes);

// The partner told what it holds and lacks: smaller heads are of no use now.
absl::Status NoteStanding(StoreTransaction& store,
                          const ParticipantCode& partner,
                          const WitnessNeeds& standing);

}  // namespace comity
