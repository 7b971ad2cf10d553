#pragma once

#include <functional>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/delivery/receipts.h"

namespace comity {

// Takes a partner's events in, in this order; one outcome for each: the receipt
// that it got, a refusal too, or why it could not be taken. Blocks.
using MailIntake = std::function<std::vector<absl::StatusOr<Message>>(
    const ParticipantCode& partner, std::vector<Message> events)>;

// Collects what waits for this node at one partner, for a node that cannot be
// called: one call at a time, without sleeping, so that tests drive it. Used by
// one thread. Nothing of it has to outlive a crash: an event whose receipt did
// not arrive is given again, and gets the same one.
class Collector {
 public:
  Collector(CourierParts parts, ParticipantCode partner, MailIntake take_in)
      : parts_(std::move(parts)),
        partner_(std::move(partner)),
        take_in_(std::move(take_in)) {}

  // What one call brought.
  struct Collected {
    int taken = 0;      // events that got a receipt
    bool more = false;  // another call at once has something to do
  };

  // Hands over the receipts for what was collected before, and takes in at most
  // 8 events; heads are to be proved before (Courier::Round). An event that
  // cannot be taken in holds up the later ones of its own dossier, and no
  // other, and is asked for again once nothing else is left. PEER_UNREACHABLE
  // and the like, or, once nothing else is left, why the last event could not
  // be taken in: try again later.
  absl::StatusOr<Collected> Round(absl::Duration timeout);

 private:
  absl::StatusOr<MailRequest> Request() const;
  // Returns how many got a receipt; an error is this node's own.
  absl::StatusOr<int> TakeIn(std::vector<Message> events);

  CourierParts parts_;
  ParticipantCode partner_;
  MailIntake take_in_;
  std::map<Uuid, Message> owed_;  // receipts, by event
  std::vector<Uuid> held_up_;
  absl::Status failure_;              // why the last of these is
  size_t limit_ = kMostEventsInCall;  // events in one call
};

}  // namespace comity
