#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "node/domain/participant.h"
#include "node/store/store.h"

namespace comity {

// Which entries of a partner's log for this node came here as messages: what
// the log counts beside them was never delivered. One bit for each entry, in
// pieces of 4096.

absl::Status NotePeerLeaves(StoreTransaction& store,
                            const ParticipantCode& partner,
                            std::vector<uint64_t> indices);

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
