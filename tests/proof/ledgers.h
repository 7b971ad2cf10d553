#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "node/audit/log_verifier.h"
#include "node/delivery/dossier.h"
#include "tests/proof/linked_node.h"

namespace comity {

// Everything that one node's disk says of the dossiers with its partner, read
// afresh: dossiers, outbox and logs.
struct Ledger {
  ParticipantCode self;
  std::map<Uuid, Dossier> dossiers;  // those that an event was written to
  size_t waiting = 0;                // in the outbox
  // How often the log for the partner has a message of this kind and id.
  std::map<Uuid, int> events;
  std::map<Uuid, int> receipts;
  // How often the own log says of this id that it was answered, and that its
  // receipt came.
  std::map<Uuid, int> answered;
  std::map<Uuid, int> receipted;
};

absl::StatusOr<Ledger> ReadLedger(LinkedNode& node, const LinkedNode& partner);

// What the two ledgers say that no pair of nodes may say once everything is
// delivered: an event lost, doubled or changed, a receipt without a durable
// event or the other way round, two states of one referral. `written` are the
// ids of the events that people were told are written, by author. At most 20
// findings.
std::vector<std::string> CompareLedgers(
    const Ledger& one, const Ledger& other,
    const std::map<Uuid, ParticipantCode>& written);

}  // namespace comity
