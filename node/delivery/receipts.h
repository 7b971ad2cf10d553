#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "node/audit/commit_writer.h"
#include "node/audit/evidence.h"
#include "node/base/clock.h"
#include "node/crypto/random.h"
#include "node/delivery/outbox.h"
#include "node/delivery/trust_news.h"
#include "node/identity/partner_table.h"
#include "node/peer/peer.h"
#include "node/store/store.h"

namespace comity {

// What else follows from the receipt of `event`, in the commit that stores it.
using AfterReceipt =
    std::function<absl::Status(const ReferralEvent& event, CommitScope& scope)>;

// What delivering needs; borrowed.
struct CourierParts {
  ParticipantCode self;
  Store& store;
  CommitWriter& writer;
  PartnerTableHolder& partners;
  Peers& peers;
  CheckpointCache& checkpoints;
  const Clock& clock;
  RandomSource& random;
  const Departures& departures;
  // No partner can call this node: what it lacks of this node's log it cannot
  // ask for.
  bool outbound_only = false;
  TrustIntake take_news = nullptr;
  AfterReceipt after_receipt = nullptr;
};

// Checks that `receipt` is the partner's answer to the event of `row`, one that
// this node wrote for it. EVIDENCE_INVALID and the like if it is not. The
// commit that comes back stores it: the event leaves the outbox and the
// referral's state follows, and what else follows from it. An event that has
// its receipt keeps the one it has. The parts must live until that commit ran.
absl::StatusOr<CommitBody> CheckReceipt(const CourierParts& parts,
                                        const ParticipantCode& partner,
                                        EventRow row, Message receipt);

// Checks it and waits for the writer to store it.
absl::Status TakeReceipt(const CourierParts& parts,
                         const ParticipantCode& partner, EventRow row,
                         Message receipt);

}  // namespace comity
