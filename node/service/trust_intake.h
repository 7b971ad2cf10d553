#pragma once

#include "absl/status/statusor.h"
#include "node/service/node_context.h"
#include "node/wire/federation_wire.h"

namespace comity {

// Takes what a partner tells of its own certificates, wherever it came from:
// the pinned root signs a card, the issuing CA of that card a list. A card
// replaces the pinned one if its serial is higher and nothing but the issuing
// CA differs, and root, log and witness key that it names as past, the root by
// that root's own signature; a list replaces the kept one if its sequence is
// higher. So an old one never comes back.
// What is taken is durable, an entry of the own log, and in force with the next
// call. Does not wait.
void TakeTrustNews(NodeContext& node, const ParticipantCode& partner,
                   const TrustNews& news);

// The same for news that a courier brought; waits. True if something of it was
// new. Nothing is taken, with the reason, if it is not to be taken.
absl::StatusOr<bool> TakeCarriedNews(NodeContext& node,
                                     const ParticipantCode& partner,
                                     const TrustNews& news);

// What the participant of a pinned card revoked, as it was taken last. Its
// sequence is 0 under a list of an issuing CA that came before the card's.
// INTEGRITY_FAILURE if what is kept does not read.
absl::StatusOr<RevokedCertificates> KeptRevocations(
    const StateReader& store, const ParticipantCard& card);

// The own card as it is told to partners now, as text.
std::string OwnCardText(const NodeContext& node);

}  // namespace comity
