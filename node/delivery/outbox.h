#pragma once

#include <cstddef>
#include <vector>

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

// Events of one call with their rows: at most kMostEventsInCall, and 15 KiB
// unless one alone is larger.
struct OutboxBatch {
  std::vector<EventRow> rows;
  std::vector<Message> events;
  size_t bytes = 0;
};

// How far one call looks past dossiers that are held up.
inline constexpr int kOutboxLookAhead = 256;

// Adds what ReadWaitingEvent reads; false if the batch is full.
absl::StatusOr<bool> AddWaiting(const StoreReader& store,
                                const ParticipantCode& self,
                                const OutboxRow& waiting, OutboxBatch& batch);

}  // namespace comity
