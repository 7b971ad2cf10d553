#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/audit/commit_writer.h"
#include "node/domain/participant.h"
#include "node/store/store.h"

namespace comity {

// When mail was collected last between this node and a partner, whichever of
// the two collects. Up to 10 seconds before the truth: who collects every
// second does not cost a commit each time.

// nullopt if it never was.
absl::StatusOr<std::optional<absl::Time>> ReadCollected(
    const StateReader& store, const ParticipantCode& partner);

// Queues it for the writer, if 10 seconds have passed since it was noted.
void NoteCollected(const StateReader& store, CommitWriter& writer,
                   const ParticipantCode& partner, absl::Time now);

}  // namespace comity
