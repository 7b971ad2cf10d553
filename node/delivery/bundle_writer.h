#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "node/delivery/outbox.h"
#include "node/store/store.h"
#include "node/wire/bundle_file.h"

namespace comity {

// What one bundle to a partner carries.
struct GatheredBundle {
  BundleContent content;
  uint64_t head_size = 0;  // of the own log for the partner
  uint32_t left = 0;       // events that did not fit

  bool empty() const {
    return content.events.empty() && content.receipts.empty();
  }
};

// Gathers the receipts that are owed to `partner` and the events that wait for
// it and may leave, from the first on, so that each bundle can be read without
// another. `store` is a transaction, so that all proofs lead to one head.
// Nothing is marked as delivered.
absl::StatusOr<GatheredBundle> GatherBundle(const StoreReader& store,
                                            const Departures& departures,
                                            const ParticipantCode& self,
                                            const ParticipantCode& partner);

}  // namespace comity
