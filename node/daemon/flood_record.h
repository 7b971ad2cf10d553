#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "node/domain/participant.h"

namespace comity {

// Whose connections flooded the node. gRPC does not say whose a connection is
// before a call reaches its handler, and a flood's never do. What is known is
// when connections were accepted and when partners were let in. A partner is to
// blame if it alone was let in since before the connection came, and that as
// often as connections were accepted: then all of them are its own. Nobody else
// can bring it into that place, not even by connecting at the same time and
// never showing a certificate; in doubt nobody is to blame. Thread-safe.
class FloodRecord {
 public:
  // Strikes within an hour that suspend a partner.
  static constexpr size_t kStrikes = 3;

  // A connection was accepted, and shakes hands from now on; it has ended.
  void Accepted(const std::string& address, absl::Time now);
  void Ended(const std::string& address, absl::Time now);

  // A partner's certificate was good enough for one of them.
  void LetIn(const ParticipantCode& partner, absl::Time now);

  // A connection that was accepted at `accepted_at` was cut at `now`. Its
  // caller is known if a call of it reached a handler before. Returns whose
  // strike it is.
  std::optional<ParticipantCode> Blame(
      const std::optional<ParticipantCode>& caller, absl::Time accepted_at,
      absl::Time now);

  // Who has kStrikes by `now`; theirs begin anew.
  std::vector<ParticipantCode> TakeDue(absl::Time now);

 private:
  struct Arrival {
    std::string address;
    absl::Time at;
    absl::Time ended_at = absl::InfiniteFuture();
  };
  struct Entrance {
    ParticipantCode partner;
    absl::Time at;
  };
  absl::Time QuietBefore(absl::Time accepted_at) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<ParticipantCode> OnlyOneLetIn(absl::Time accepted_at) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  // The last ones, at most 4096 each.
  std::deque<Arrival> arrivals_ ABSL_GUARDED_BY(mutex_);
  std::deque<Entrance> entrances_ ABSL_GUARDED_BY(mutex_);
  std::map<ParticipantCode, std::deque<absl::Time>> strikes_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
