#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "node/audit/evidence.h"
#include "node/domain/participant.h"
#include "node/store/store.h"

namespace comity {

// Which entries of a partner's log for this node came here as messages: what
// the log counts beside them was never delivered. One bit for each entry, in
// pieces of 4096.

// Takes note of a message: of the head that it leads to (ObserveHead, with its
// errors) and of its place in the log.
absl::Status ObserveMessage(StoreTransaction& store,
                            const ParticipantCode& partner,
                            const VerifiedMessage& message, absl::Time now);

absl::Status NotePeerLeaf(StoreTransaction& store,
                          const ParticipantCode& partner, uint64_t index);

// The entries below `size` that never came.
struct MissingLeaves {
  uint64_t count = 0;
  std::vector<uint64_t> first;  // the smallest indices, ascending
};
absl::StatusOr<MissingLeaves> MissingPeerLeaves(const StateReader& store,
                                                const ParticipantCode& partner,
                                                uint64_t size, size_t limit);

// Forgets all of them: another history begins.
absl::Status ForgetPeerLeaves(StoreTransaction& store,
                              const ParticipantCode& partner);

}  // namespace comity
