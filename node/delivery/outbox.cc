#include "node/delivery/outbox.h"

#include "node/audit/log_appender.h"
#include "node/base/status_macros.h"

namespace comity {

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

}  // namespace comity
