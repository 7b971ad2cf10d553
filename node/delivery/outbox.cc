#include "node/delivery/outbox.h"

#include "node/audit/log_appender.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

// More than waits for any partner.
constexpr int kAll = 1 << 16;

// Other commits take events out of the outbox all the time.
absl::StatusOr<Departure> DepartureOf(const StoreReader& store,
                                      const Departures& departures,
                                      const OutboxRow& waiting) {
  const absl::StatusOr<Departure> departure = departures.Decide(store, waiting);
  if (ReasonOf(departure.status()) == ErrorReason::kNotFound) {
    return Departure::kStays;
  }
  return departure;
}

}  // namespace

absl::StatusOr<std::optional<WaitingEvent>> ReadWaitingEvent(
    const StoreReader& store, const Departures& departures,
    const ParticipantCode& self, const OutboxRow& waiting) {
  ASSIGN_OR_RETURN(const Departure departure,
                   DepartureOf(store, departures, waiting));
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

absl::StatusOr<std::optional<WaitingEvent>> PrepareWaitingEvent(
    const StoreReader& store, const Departures& departures,
    const ParticipantCode& self, const OutboxRow& waiting, CommitWriter& writer,
    bool& withheld) {
  ASSIGN_OR_RETURN(const Departure departure,
                   DepartureOf(store, departures, waiting));
  if (departure == Departure::kTooMuch) {
    RETURN_IF_ERROR(writer
                        .Commit([&](CommitScope& scope) {
                          return departures.Withhold(waiting, scope);
                        })
                        .status());
    withheld = true;
  }
  return ReadWaitingEvent(store, departures, self, waiting);
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

}  // namespace comity
