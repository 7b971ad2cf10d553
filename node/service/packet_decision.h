#pragma once

#include "absl/status/statusor.h"
#include "node/policy/policy_engine.h"
#include "node/service/federation_gate.h"
#include "node/service/node_context.h"
#include "node/store/policy_store.h"
#include "node/store/referral_store.h"
#include "node/wire/event_wire.h"

namespace comity {

// The receiver's own decision about a packet: sender, purpose, the deadlines of
// the agreement that it cites, the revision that is in force, who approved, and
// the groups that are in it; record facts it cannot know. Returns what the
// agreement demands.
absl::StatusOr<Duties> DecidePacket(const NodeContext& node,
                                    const PolicyEngine& engine,
                                    const PolicyReader& store,
                                    const FederationCall& call,
                                    const ParsedEvent& event,
                                    const ReferralRow& row);

}  // namespace comity
