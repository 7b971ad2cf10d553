#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/audit/commit_writer.h"
#include "node/crypto/random.h"
#include "node/domain/participant.h"
#include "node/store/store.h"

namespace comity {

// Anchors (design.md section 2): the own log's head is committed into every
// partner log, where partners witness it without learning what it is. Whoever
// cuts off the end of the own log would have to cut partner logs too, and
// partners hold their heads.

// Appends the own log's signed head to the log for each of `partners`, under
// one salt; does nothing while the own log is empty. Left out are logs that
// lost what their partner holds: nothing is added to these.
absl::Status AppendAnchors(const ParticipantCode& self,
                           const std::vector<ParticipantCode>& partners,
                           RandomSource& random, CommitScope& scope);

// Size of the log for `partner` with its newest anchor; 0: none. Whoever shows
// the partner a head of that size lets it witness the anchor.
absl::StatusOr<uint64_t> ReadAnchoredSize(const StateReader& store,
                                          const ParticipantCode& partner);

// What comparing the own log with its anchors found.
struct AnchorVerdict {
  uint64_t anchors = 0;  // that were compared
  uint64_t size = 0;     // largest that one of them says the own log had
  absl::Status status;   // INTEGRITY_FAILURE says which does not agree
};

enum class AnchorsLookedAt : uint8_t {
  kNewest,  // the last one of each partner log
  kAll,
};

// Compares the own log with its anchors in all partner logs. Errors of the
// store come as a status.
absl::StatusOr<AnchorVerdict> CheckAnchors(const LogReader& store,
                                           const ParticipantCode& self,
                                           AnchorsLookedAt which);

}  // namespace comity
