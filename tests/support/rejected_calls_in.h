#pragma once

#include <string>
#include <vector>

#include "node/store/log_store.h"
#include "node/wire/own_leaf.h"

namespace comity {

// The own log's entries about calls that were counted, without their moment:
// "federation OVERLOADED 3".
inline std::vector<std::string> RejectedCallsIn(const LogReader& store,
                                                const std::string& own_log) {
  std::vector<std::string> details;
  const auto rows = store.ReadLeaves(own_log, 0, 1000, true);
  for (const LeafRow& row : *rows) {
    const auto entry = OpenOwnEntry(row.leaf, row.opening);
    if (entry->kind != OwnKind::kRejectedCalls) continue;
    // "since 2026-...: federation ..."
    details.push_back(entry->detail.substr(entry->detail.find(": ") + 2));
  }
  return details;
}

}  // namespace comity
