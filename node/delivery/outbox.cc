#include "node/delivery/outbox.h"

#include "node/audit/log_appender.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

// A request holds at most 16 KiB; each event adds a few bytes around it.
constexpr size_t kMaxBytes = size_t{15} * 1024;

}  // namespace

absl::StatusOr<WaitingEvent> ReadWaitingEvent(const StoreReader& store,
                                              const ParticipantCode& self,
                                              const OutboxRow& waiting) {
  ASSIGN_OR_RETURN(EventRow row, store.ReadForDelivery(waiting));
  ASSIGN_OR_RETURN(std::string proof,
                   ProveEntry(store, PartnerLogOrigin(self, waiting.partner),
                              row.leaf_index));
  ASSIGN_OR_RETURN(std::vector<FieldOpening> openings,
                   ParseOpenings(row.openings));
  Message event{row.leaf, row.type,         row.payload,
                row.salt, std::move(proof), std::move(openings)};
  return WaitingEvent{std::move(row), std::move(event)};
}

absl::StatusOr<bool> AddWaiting(const StoreReader& store,
                                const ParticipantCode& self,
                                const OutboxRow& waiting, OutboxBatch& batch) {
  ASSIGN_OR_RETURN(WaitingEvent each, ReadWaitingEvent(store, self, waiting));
  const size_t bytes = batch.bytes + EnvelopeSize(each.event);
  if (!batch.rows.empty() && bytes > kMaxBytes) return false;
  batch.bytes = bytes;
  batch.rows.push_back(std::move(each.row));
  batch.events.push_back(std::move(each.event));
  return true;
}

}  // namespace comity
