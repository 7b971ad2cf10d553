#pragma once

#include "absl/status/status.h"
#include "node/audit/commit_writer.h"
#include "node/service/node_context.h"
#include "node/service/status_checks.h"

namespace comity {

// Whether what is lost for good may be done by the node's clock: a clock that
// jumps ahead makes everything due at once. The node keeps the last time that
// it believed, and believes the next one unless it lies 45 days or more later,
// or most partners that shook hands in the last two hours say that it is more
// than a day ahead. People confirm it (comity retention run --clock-is-right),
// and for seven days nothing that partners say changes that.

// QUESTION_EXPIRED, with what is wrong, while `now` is not to be believed.
absl::Status CheckTime(const NodeContext& node, const StateReader& store,
                       absl::Time now);

// Keeps the scope's time as one that was believed, about once an hour.
absl::Status NoteTime(CommitScope& scope);

// Keeps it as one that people confirmed.
absl::Status ConfirmTime(CommitScope& scope);

// Says so in the status while the clock is not to be believed.
void AddTimeCheck(const NodeContext& node, StatusChecks& checks);

}  // namespace comity
