#include "node/delivery/outbox.h"

#include "node/audit/log_appender.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

// A request holds at most 16 KiB; each event adds a few bytes around it.
constexpr size_t kMaxBytes = size_t{15} * 1024;
// More than waits for any partner.
constexpr int kAll = 1 << 16;

// Other commits take events out of the outbox all the time.
absl::StatusOr<Departure> DepartureOf(const StoreReader& store,
                                      const Departures& departures,
                                      const OutboxRow& waiting) {
  absl::StatusOr<Departure> departure = departures.Decide(store, waiting);
  if (ReasonOf(departure.status()) == ErrorReason::kNotFound) {
    return Departure::kStays;
  }
  return departure;
}

// What leaves of an event about which `departure` was decided.
absl::StatusOr<std::optional<WaitingEvent>> ReadAs(Departure departure,
                                                   const StoreReader& store,
                                                   const ParticipantCode& self,
                                                   const OutboxRow& waiting) {
  if (departure == Departure::kStays || departure == Departure::kTooMuch) {
    return std::nullopt;
  }
  absl::StatusOr<EventRow> row = store.ReadForDelivery(waiting);
  if (ReasonOf(row.status()) == ErrorReason::kNotFound) return std::nullopt;
  RETURN_IF_ERROR(row.status());
  ASSIGN_OR_RETURN(std::string proof,
                   ProveEntry(store, PartnerLogOrigin(self, waiting.partner),
                              row->leaf_index));
  std::vector<FieldOpening> openings;
  if (departure == Departure::kWhole) {
    ASSIGN_OR_RETURN(openings, ParseOpenings(row->openings));
  }
  Message event{row->leaf, row->type,        row->payload,
                row->salt, std::move(proof), std::move(openings)};
  return WaitingEvent{*std::move(row), std::move(event)};
}

}  // namespace

absl::StatusOr<std::optional<WaitingEvent>> ReadWaitingEvent(
    const StoreReader& store, const Departures& departures,
    const ParticipantCode& self, const OutboxRow& waiting) {
  ASSIGN_OR_RETURN(const Departure departure,
                   DepartureOf(store, departures, waiting));
  return ReadAs(departure, store, self, waiting);
}

absl::Status WithholdFromOutbox(const Departures& departures,
                                const ParticipantCode& partner,
                                CommitScope& scope) {
  ASSIGN_OR_RETURN(const std::vector<OutboxRow> waiting,
                   scope.store().ReadOutbox(partner, kAll));
  for (const OutboxRow& each : waiting) {
    RETURN_IF_ERROR(departures.Withhold(each, scope));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> AddWaiting(const StoreReader& store,
                                const Departures& departures,
                                const ParticipantCode& self,
                                const OutboxRow& waiting, OutboxBatch& batch) {
  if (batch.held_up.contains(waiting.referral_id)) return true;
  ASSIGN_OR_RETURN(const Departure departure,
                   DepartureOf(store, departures, waiting));
  ASSIGN_OR_RETURN(std::optional<WaitingEvent> each,
                   ReadAs(departure, store, self, waiting));
  if (!each.has_value()) {
    if (departure == Departure::kTooMuch) batch.too_much.push_back(waiting);
    batch.held_up.insert(waiting.referral_id);
    return true;
  }
  const size_t bytes = batch.bytes + EnvelopeSize(each->event);
  if (!batch.rows.empty() && bytes > kMaxBytes) return false;
  batch.bytes = bytes;
  batch.rows.push_back(std::move(each->row));
  batch.events.push_back(std::move(each->event));
  return true;
}

absl::StatusOr<bool> WithholdAndAdd(const StoreReader& store,
                                    const Departures& departures,
                                    const ParticipantCode& self,
                                    const OutboxRow& waiting,
                                    CommitWriter& writer, OutboxBatch& batch) {
  batch.too_much.clear();
  ASSIGN_OR_RETURN(const bool added,
                   AddWaiting(store, departures, self, waiting, batch));
  if (batch.too_much.empty()) return added;
  RETURN_IF_ERROR(writer
                      .Commit([&](CommitScope& scope) {
                        return departures.Withhold(waiting, scope);
                      })
                      .status());
  batch.withheld = true;
  batch.held_up.erase(waiting.referral_id);
  return AddWaiting(store, departures, self, waiting, batch);
}

}  // namespace comity
