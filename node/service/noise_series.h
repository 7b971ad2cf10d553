#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "node/crypto/random.h"
#include "node/policy/permit.h"
#include "node/store/store.h"
#include "node/tabulation/published_columns.h"

namespace comity {

// Which noise the figures of a revision have. Revisions of a period share it,
// so that publishing again is no second look at the same cell, until somebody
// who was in the last one is in the next one no more: she was erased, or took
// her consent back. Where noise went on then, only the cells that held her
// would change, and say so. So all change. The first series has no name.

// What was published last of a period, seen from what is published now.
struct LastRevision {
  uint32_t revision = 0;  // 0: none
  bool all_remain = false;
  bool few_changed = false;
};

// `permit` is one to tabulate.
absl::StatusOr<LastRevision> CompareWithLast(const StoreReader& store,
                                             const Permit& permit,
                                             const std::string& period,
                                             const PublishedColumns& next);

// Gives `row`, which is about to be inserted, its noise: that of the last
// revision, or a new one, which is random.
absl::Status ContinueNoise(const LastRevision& last, const SnapshotRow& row,
                           RandomSource& random, StoreTransaction& store);

// The name of a revision's noise.
absl::StatusOr<std::string> ReadNoise(const StateReader& store,
                                      const std::string& period,
                                      uint32_t revision);

}  // namespace comity
