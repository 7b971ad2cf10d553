#pragma once

#include "absl/status/status.h"
#include "node/service/dossier_event.h"

namespace comity {

// The partner has just taken events of its own back: what this node wrote on
// them has no effect on either side, so it leaves the outbox. A withdrawal
// among it is written again, on what still stands, for what a person took back
// stays taken back (design.md law 5).
absl::Status FollowRecall(NodeContext& node, const Uuid& referral_id,
                          CommitScope& scope);

}  // namespace comity
