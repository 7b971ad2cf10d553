#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "node/audit/commit_writer.h"
#include "node/audit/evidence.h"
#include "node/base/clock.h"
#include "node/crypto/random.h"
#include "node/delivery/checkpoint_keeper.h"
#include "node/identity/partner_table.h"
#include "node/peer/peer.h"
#include "node/store/store.h"

namespace comity {

// What a courier needs; borrowed.
struct CourierParts {
  ParticipantCode self;
  Store& store;
  CommitWriter& writer;
  PartnerTableHolder& partners;
  Peers& peers;
  CheckpointCache& checkpoints;
  const Clock& clock;
  RandomSource& random;
};

// Sends what the outbox holds to one partner and stores the receipts: one round
// at a time, without sleeping, so that tests drive it. Used by one thread.
class Courier {
 public:
  Courier(CourierParts parts, ParticipantCode partner)
      : parts_(std::move(parts)), partner_(std::move(partner)) {}

  // Delivers up to 8 waiting events and exchanges checkpoints if the partner's
  // log has unproved heads. Returns how many receipts came. PEER_UNREACHABLE
  // and the like: nothing changed, try again.
  absl::StatusOr<int> Round(absl::Duration timeout);

 private:
  absl::StatusOr<int> DeliverWaiting(Peer& peer, absl::Duration timeout);
  absl::Status StoreReceipt(EventRow row, Message receipt);

  CourierParts parts_;
  ParticipantCode partner_;
};

// One thread for each partner that runs its Courier: at once when something is
// queued, once a second while heads are unproved, and after a failure with
// jittered backoff from 250 ms up to 1.5 s. One dead partner delays nobody
// else.
class CourierService {
 public:
  explicit CourierService(CourierParts parts) : parts_(std::move(parts)) {}
  ~CourierService();

  // Starts couriers for partners that have none yet and wakes them all.
  void Wake();

 private:
  void Run(const ParticipantCode& partner);
  // Until the service stops, `wait` is over, or a wake comes that `seen` did
  // not count. A wake ends no wait after a failure: a dead partner stays dead.
  void Pause(absl::Duration wait, bool failing, uint64_t seen);

  CourierParts parts_;
  absl::Mutex mutex_;
  uint64_t wakes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::CondVar changed_;
  std::map<ParticipantCode, std::thread> threads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
