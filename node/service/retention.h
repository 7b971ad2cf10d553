#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "comity/operators/v1/retention_service.pb.h"
#include "node/audit/commit_writer.h"
#include "node/service/node_context.h"
#include "node/service/status_checks.h"

namespace comity {

// What ends by time here, whatever binds it: a release's duty, a withdrawal, or
// a period of the own configuration. People see and hasten it, the housekeeper
// carries it out by itself.

// What is due at or before `until`, the nearest first, at most `limit` of each
// kind. What does not read, for it is damaged, is left out.
absl::StatusOr<std::vector<operators::v1::RetentionItem>> ListRetention(
    const NodeContext& node, const StoreReader& store, absl::Time until,
    int limit);

// Erases what is due at the scope's time, at most `limit` of each kind, each
// with an entry in the own log; returns what went. What cannot go stays due,
// and the node's messages say so.
absl::StatusOr<std::vector<operators::v1::RetentionItem>> PurgeDue(
    NodeContext& node, int limit, CommitScope& scope);

// Names what is due and does not read, if anything.
void AddRetentionCheck(const NodeContext& node, StatusChecks& checks);

}  // namespace comity
