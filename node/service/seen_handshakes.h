#pragma once

#include <map>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "node/domain/participant.h"
#include "node/wire/federation_wire.h"

namespace comity {

// What each partner's node said of itself in its last handshake, whichever side
// called, and when that was here. In memory alone: a node that starts shakes
// hands anew (agreement_watch.h). Thread-safe.
class SeenHandshakes {
 public:
  struct Seen {
    HandshakeFacts facts;
    absl::Time at;
  };

  // Keeps what is well-formed of it. Left out is what the partner said before
  // what is held here, if one call overtook another.
  void Note(const ParticipantCode& partner, HandshakeFacts facts,
            absl::Time now);

  // nullopt if there was none since the node started.
  std::optional<Seen> Last(const ParticipantCode& partner) const;

 private:
  mutable absl::Mutex mutex_;
  std::map<ParticipantCode, Seen> seen_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
