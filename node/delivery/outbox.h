#pragma once

#include "absl/status/statusor.h"
#include "node/store/store.h"
#include "node/wire/envelope.h"

namespace comity {

// An event that waits for its receipt, as it travels.
struct WaitingEvent {
  EventRow row;
  Message event;
};

// With a proof against the newest head of the log of `self` for the partner.
// NOT_FOUND if it waits no longer.
absl::StatusOr<WaitingEvent> ReadWaitingEvent(const StoreReader& store,
                                              const ParticipantCode& self,
                                              const OutboxRow& waiting);

}  // namespace comity
