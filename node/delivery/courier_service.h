#pragma once

#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "node/delivery/pace.h"
#include "node/delivery/partner_rounds.h"

namespace comity {

// One thread for each partner that runs its rounds at its Pace: at once when
// something is queued, once a second while heads are unproved, rarely while the
// partner is away, and at once when it shows a sign of life. One dead or slow
// partner delays nobody else. Thread-safe.
class CourierService {
 public:
  // `collecting`: nullopt unless this node is outbound-only.
  explicit CourierService(CourierParts parts, PaceLimits limits = {},
                          std::optional<Collecting> collecting = std::nullopt)
      : parts_(std::move(parts)),
        limits_(limits),
        collecting_(std::move(collecting)) {}
  ~CourierService();

  // Something was queued, or the partners changed: starts couriers for partners
  // that have none yet.
  void Wake();
  // A call of this partner's node was admitted. Wakes nobody but a courier of
  // its own that waits for a partner that is away.
  void PartnerCalled(const ParticipantCode& partner);

 private:
  struct Line {
    std::thread thread;
    uint64_t calls = 0;    // of the partner's node
    bool failing = false;  // its courier waits for a sign of life
    absl::CondVar changed;
  };
  // What a courier has taken note of.
  struct Signs {
    uint64_t wakes = 0;
    uint64_t calls = 0;
    bool connected = false;
  };
  void Run(const ParticipantCode& partner);
  // Until a round is due; false if the service stops.
  bool Await(const ParticipantCode& partner, Pace& pace, Signs& seen);
  // Looked at only while rounds fail.
  bool IsConnected(const Pace& pace, const ParticipantCode& partner);

  CourierParts parts_;
  const PaceLimits limits_;
  const std::optional<Collecting> collecting_;
  absl::Mutex mutex_;
  uint64_t wakes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<ParticipantCode, Line> lines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
