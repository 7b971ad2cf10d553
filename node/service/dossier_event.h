#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/federation/v1/referral.pb.h"
#include "node/service/node_context.h"

namespace comity {

// An event that this node is about to write to a dossier.
struct NewEvent {
  ReferralEvent event;
  federation::v1::ReferralEventPayload payload;
  std::vector<FieldOpening> openings;
};

// Begins the next event of a dossier by this node: sequence and parents follow
// from the events held. REFERRAL_STATE_CONFLICT if the moment is not right.
absl::StatusOr<NewEvent> BeginEvent(const NodeContext& node,
                                    const StoreReader& reader,
                                    const ReferralRow& referral,
                                    const Uuid& event_id,
                                    ReferralEventKind kind, Role role,
                                    absl::Time now);

// Logs the event for the other party, stores it, and queues its delivery, all
// in the scope's transaction.
absl::Status WriteEvent(NodeContext& node, const ReferralRow& referral,
                        const NewEvent& event, CommitScope& scope);

}  // namespace comity
