#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "node/audit/commit_writer.h"
#include "node/store/store.h"
#include "node/wire/envelope.h"

namespace comity {

// What may be done with an event that waits, at this moment.
enum class Departure : uint8_t {
  kWhole,    // leaves as it stands
  kBare,     // the partner holds it: leaves without openings, for its receipt
  kStays,    // may not leave now, and what builds on it with it
  kTooMuch,  // some of it may not be told any more: withhold that first
};

// Decides anew about each event at the moment it is to leave (design.md law on
// the instant of each disclosure). The one door of couriers, bundles and
// collected mail. Thread-safe.
class Departures {
 public:
  virtual ~Departures() = default;
  // From `store` as it stands. NOT_FOUND if the event waits no longer.
  virtual absl::StatusOr<Departure> Decide(const StoreReader& store,
                                           const OutboxRow& waiting) const = 0;
  // Takes out of the event for good what may not be told any more, or takes it
  // back as a whole. Does nothing if all of it may leave again.
  virtual absl::Status Withhold(const OutboxRow& waiting,
                                CommitScope& scope) const = 0;
};

// An event that waits for its receipt, as it travels.
struct WaitingEvent {
  EventRow row;
  Message event;
};

// What may leave of the event now, with a proof against the newest head of the
// log of `self` for the partner. nullopt if it does not leave now.
absl::StatusOr<std::optional<WaitingEvent>> ReadWaitingEvent(
    const StoreReader& store, const Departures& departures,
    const ParticipantCode& self, const OutboxRow& waiting);

// Withholds what may not be told any more of all that waits for `partner`.
absl::Status WithholdFromOutbox(const Departures& departures,
                                const ParticipantCode& partner,
                                CommitScope& scope);

// Events of one call with their rows: at most kMostEventsInCall, and 15 KiB
// unless one alone is larger.
struct OutboxBatch {
  std::vector<EventRow> rows;
  std::vector<Message> events;
  size_t bytes = 0;
  std::set<Uuid> held_up;           // dossiers of events that do not leave now
  std::vector<OutboxRow> too_much;  // those that lose something first
  bool withheld = false;            // one did, so that the outbox is another
};

// How far one call looks past dossiers that are held up.
inline constexpr int kOutboxLookAhead = 256;

// Adds what ReadWaitingEvent reads, or holds up the event's dossier; false if
// the batch is full.
absl::StatusOr<bool> AddWaiting(const StoreReader& store,
                                const Departures& departures,
                                const ParticipantCode& self,
                                const OutboxRow& waiting, OutboxBatch& batch);

// As above, outside of a transaction: what may not be told any more is withheld
// first, in a commit of its own.
absl::StatusOr<bool> WithholdAndAdd(const StoreReader& store,
                                    const Departures& departures,
                                    const ParticipantCode& self,
                                    const OutboxRow& waiting,
                                    CommitWriter& writer, OutboxBatch& batch);

}  // namespace comity
