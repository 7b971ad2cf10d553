#pragma once

#include <vector>

#include "node/store/sqlite/session.h"
#include "node/store/state_store.h"

namespace comity::snapshot_keys {

// Whose rows each open revision holds, beside its columns: the record keys by
// their first ten bits, each part sealed, so that one part is read to find a
// person among a million.

absl::Status Insert(Session& session, const SnapshotRow& row);
// Whether the revision was stored with one of `record_keys`.
absl::StatusOr<bool> HoldsAny(Session& session, const SnapshotRow& row,
                              const std::vector<uint64_t>& record_keys);
absl::Status Delete(Session& session, absl::string_view period,
                    uint32_t revision);

}  // namespace comity::snapshot_keys
