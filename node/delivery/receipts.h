#pragma once

#include "absl/status/status.h"
#include "node/audit/commit_writer.h"
#include "node/audit/evidence.h"
#include "node/base/clock.h"
#include "node/crypto/random.h"
#include "node/delivery/outbox.h"
#include "node/identity/partner_table.h"
#include "node/peer/peer.h"
#include "node/store/store.h"

namespace comity {

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
};

// Checks that `receipt` is the partner's answer to the event of `row`, and
// stores it: the event leaves the outbox and the referral's state follows.
// EVIDENCE_INVALID and the like if it is not. An event that has its receipt
// keeps the one it has. Waits for the writer.
absl::Status TakeReceipt(const CourierParts& parts,
                         const ParticipantCode& partner, EventRow row,
                         Message receipt);

}  // namespace comity
