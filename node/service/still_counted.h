#pragma once

#include "absl/status/status.h"
#include "node/service/node_context.h"
#include "node/tabulation/published_columns.h"

namespace comity {

// Whether columns may be published that were counted from the store as it was
// at `before` or later, as it is now in the committing transaction: counting
// takes its time, and who is erased or says no meanwhile closes the revisions
// that are there. VERSION_CONFLICT if one of whom there is a row is gone since,
// or out of counts, or if the copy of a packet changed, of which a row may tell
// what was taken back.
absl::Status CheckStillCounted(const NodeContext& node,
                               const PublishedColumns& columns,
                               const LastChanges& before,
                               const StoreReader& store);

}  // namespace comity
