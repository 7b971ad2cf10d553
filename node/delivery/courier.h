#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/delivery/outbox.h"
#include "node/delivery/receipts.h"

namespace comity {

class CheckpointKeeper;

// Whether the partner or the way to it failed, whatever was sent.
bool IsOutage(const absl::Status& status);

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
  // News of the own certificates that the partner lacks go ahead of all that.
  // An anchor of the own log is shown to the partner, with its proof, so that
  // it can be witnessed. An outbound-only node also exchanges, both ways,
  // whenever its log for the partner has grown, since the partner cannot ask.
  // To a partner that collects its mail nothing is sent.
  absl::StatusOr<int> Round(absl::Duration timeout);

  // The next round exchanges checkpoints, if this node ever logged anything for
  // the partner.
  void MeetAgain() { met_ = false; }

 private:
  absl::Status Meet(Peer& peer, absl::Duration timeout);
  absl::Status TellNews(CheckpointKeeper& keeper, Peer& peer,
                        absl::Duration timeout);
  absl::StatusOr<int> DeliverWaiting(Peer& peer, absl::Duration timeout);
  // After an error that one of the events is to blame for.
  absl::StatusOr<int> DeliverSingly(Peer& peer,
                                    const std::vector<OutboxRow>& waiting,
                                    absl::Duration timeout);
  absl::StatusOr<bool> Add(const OutboxRow& waiting, OutboxBatch& batch) const;
  absl::Status Deliver(Peer& peer, OutboxBatch batch, absl::Duration timeout);

  CourierParts parts_;
  ParticipantCode partner_;
  bool met_ = false;           // exchanged checkpoints since the start
  uint64_t met_size_ = 0;      // of the own log, when that was
  uint64_t shown_anchor_ = 0;  // size of the own log with the anchor shown last
  int told_ = 0;               // times in a row that the partner lacked news
  absl::Time tell_at_ = absl::InfinitePast();
  // Events in one call, fewer over a slow line.
  size_t limit_ = kMostEventsInCall;
};

}  // namespace comity
