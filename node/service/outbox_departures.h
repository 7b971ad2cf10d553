#pragma once

#include "node/delivery/outbox.h"
#include "node/delivery/receipts.h"
#include "node/service/node_context.h"

namespace comity {

// What the holder's people decided when they wrote an event is decided once
// more when it leaves: flags, consent, agreement, policy and the moment of the
// referral are those of that instant. What may not be told any more loses its
// opening for good, and stays a commitment that tells nothing; a packet of
// which nothing is left is withdrawn with its referral. The offer of a document
// leaves without saying what it offers, unless all of that may be told. While
// its agreement lapses a packet waits. The people concerned find a notice with
// the reason. Thread-safe; borrows the node.
class OutboxDepartures : public Departures {
 public:
  explicit OutboxDepartures(NodeContext& node) : node_(node) {}

  absl::StatusOr<Departure> Decide(const StoreReader& store,
                                   const OutboxRow& waiting) const override;
  absl::Status Withhold(const OutboxRow& waiting,
                        CommitScope& scope) const override;

 private:
  NodeContext& node_;
};

// What the receipt of a packet shows beside that it came: the other side holds
// what seemed to wait here, and is told what was withdrawn meanwhile under a
// danger flag. For whoever takes receipts in: couriers, bundles, collections.
// Thread-safe; borrows the node.
AfterReceipt TellingMissedWithdrawals(NodeContext& node);

// What takes in a receipt that came by no courier: in a bundle, or with a
// collection. Borrows both.
CourierParts PartsForReceipts(NodeContext& node, const Departures& departures);

}  // namespace comity
