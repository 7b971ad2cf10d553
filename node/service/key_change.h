#pragma once

#include <string>
#include <vector>

#include "node/service/node_context.h"

namespace comity {

// Changes of the node's own keys and certificates that partners are told of:
// the own log is anchored right before and right after each of them, so that
// nobody cuts one off unnoticed, whoever has the keys of before.

// Anchors the own log's signed head in the log for each partner.
absl::Status AnchorOwnLog(const NodeContext& node, CommitScope& scope);

// Anchors, then writes `notes` to the own log; no notes, no anchors. The anchor
// after them is due from the commit on, also after a restart.
absl::Status AppendKeyChange(const NodeContext& node,
                             const std::vector<std::string>& notes,
                             CommitScope& scope);
// Queues that for a change that came by files. Does not wait.
void NoteKeyChange(NodeContext& node, const std::string& note);

// Whether a change has no anchor behind it yet.
absl::StatusOr<bool> IsAnchorDue(const StateReader& store);
// It has now.
absl::Status SettleAnchorDue(StateWriter& store);

}  // namespace comity
