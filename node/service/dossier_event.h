#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/federation/v1/referral.pb.h"
#include "node/delivery/dossier.h"
#include "node/service/node_context.h"

namespace comity {

// An event that this node is about to write to a dossier.
struct NewEvent {
  ReferralEvent event;
  federation::v1::ReferralEventPayload payload;
  std::vector<FieldOpening> openings;
};

// Begins the next event of a dossier by this node, of the kind and with the
// content of `payload`; sequence and parents follow from the events held.
// `role` is that of the person behind it, kUnset the node itself.
// REFERRAL_STATE_CONFLICT if the moment is not right.
absl::StatusOr<NewEvent> BeginEvent(
    const NodeContext& node, const Dossier& dossier, const Uuid& event_id,
    federation::v1::ReferralEventPayload payload, Role role, absl::Time now);

// Logs the event for the other party, stores it, and queues its delivery, all
// in the scope's transaction.
absl::Status WriteEvent(NodeContext& node, const Dossier& dossier,
                        const NewEvent& event, CommitScope& scope);

}  // namespace comity
