#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "node/delivery/pace.h"
#include "node/delivery/receipts.h"

namespace comity {

// Sends what the outbox holds to one partner and stores the receipts: one round
// at a time, without sleeping, so that tests drive it. Used by one thread.
class Courier {
 public:
  Courier(CourierParts parts, ParticipantCode partner)
      : parts_(std::move(parts)), partner_(std::move(partner)) {}

  // Exchanges checkpoints before anything that this node ever logged for the
  // partner leaves after a start, and while the partner's log has unproved
  // heads or the own log lost one that it holds; and delivers waiting events,
  // oldest first, at most 8 and 15 KiB in one call, each as far as it may be
  // told at that moment. Returns how many receipts came; what was withheld
  // counts as one. An event that may not leave, or that the partner answers
  // with an error, holds up the later ones of its own dossier, and no other.
  // PEER_UNREACHABLE and the like, or that error, if no receipt came: try again
  // later.
  absl::StatusOr<int> Round(absl::Duration timeout);

 private:
  // Events of one call with their rows.
  struct Batch {
    std::vector<EventRow> rows;
    std::vector<Message> events;
    size_t bytes = 0;
    std::set<Uuid> held_up;  // dossiers of events that do not leave now
    bool withheld = false;   // something was, so that the outbox is another
  };
  absl::StatusOr<int> DeliverWaiting(Peer& peer, absl::Duration timeout);
  // After an error that one of the events is to blame for.
  absl::StatusOr<int> DeliverSingly(Peer& peer,
                                    const std::vector<OutboxRow>& waiting,
                                    absl::Duration timeout);
  // False if the batch is full.
  absl::StatusOr<bool> Add(const OutboxRow& waiting, Batch& batch) const;
  absl::Status Deliver(Peer& peer, Batch batch, absl::Duration timeout);

  static constexpr size_t kMaxEvents = 8;

  CourierParts parts_;
  ParticipantCode partner_;
  bool met_ = false;           // exchanged checkpoints since the start
  size_t limit_ = kMaxEvents;  // events in one call, fewer over a slow line
};

// One thread for each partner that runs its Courier at its Pace: at once when
// something is queued, once a second while heads are unproved, rarely while the
// partner is away, and at once when it shows a sign of life. One dead or slow
// partner delays nobody else. Thread-safe.
class CourierService {
 public:
  explicit CourierService(CourierParts parts, PaceLimits limits = {})
      : parts_(std::move(parts)), limits_(limits) {}
  ~CourierService();

  // Something was queued, or the partners changed: starts couriers for partners
  // that have none yet.
  void Wake();
  // A call of this partner's node was identified.
  void PartnerCalled(const ParticipantCode& partner);

 private:
  struct Line {
    std::thread thread;
    uint64_t calls = 0;  // of the partner's node
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
  absl::Mutex mutex_;
  uint64_t wakes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::CondVar changed_;
  std::map<ParticipantCode, Line> lines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
