#pragma once

#include <memory>

#include "node/base/status_macros.h"
#include "node/daemon/node.h"
#include "node/store/open_store.h"
#include "tests/support/fault_injecting_store.h"

namespace comity {

// Opens the real store behind one that fails on demand, and names that one in
// `opened`, which outlives the node.
inline StoreOpener FaultyOpener(FaultInjectingStore*& opened) {
  return [&opened](
             const std::string& path, const SecretBytes& key,
             RandomSource& random) -> absl::StatusOr<std::unique_ptr<Store>> {
    ASSIGN_OR_RETURN(auto store, OpenStore(path, key, random));
    auto faulty = std::make_unique<FaultInjectingStore>(std::move(store));
    opened = faulty.get();
    return std::unique_ptr<Store>(std::move(faulty));
  };
}

}  // namespace comity
