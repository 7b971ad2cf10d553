#include "node/delivery/dossier.h"

#include <algorithm>

#include "node/base/status_macros.h"
#include "node/domain/referral_deadlines.h"
#include "node/wire/event_wire.h"
#include "node/wire/message_leaf.h"

namespace comity {

absl::StatusOr<ReferralEvent> EventOf(const EventRow& row) {
  ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(row.leaf));
  ASSIGN_OR_RETURN(ParsedEvent parsed, ParseEvent(leaf, row.payload));
  AddReceipt(row.receipt_payload, parsed.event);
  return std::move(parsed.event);
}

absl::StatusOr<Dossier> ReadDossier(const ReferralReader& store,
                                    const Uuid& referral_id) {
  ASSIGN_OR_RETURN(ReferralRow row, store.ReadReferral(referral_id));
  Dossier dossier{std::move(row), {}, {}, {}, {}};
  ASSIGN_OR_RETURN(dossier.rows, store.ReadEvents(referral_id));
  for (const EventRow& each : dossier.rows) {
    ASSIGN_OR_RETURN(ReferralEvent event, EventOf(each));
    dossier.events.push_back(std::move(event));
  }
  dossier.ordered = OrderEvents(dossier.events);
  dossier.status = StatusOf(dossier.row.parties, dossier.ordered);
  return dossier;
}

ReferralStanding StandingAt(const ParticipantCode& self,
                            const ReferralParties& parties,
                            const ReferralStatus& status) {
  return {status.state, NodeActsAt(status, self == parties.holder),
          IsOpen(status)};
}

absl::Status RefreshState(const ParticipantCode& self, StoreTransaction& store,
                          const Uuid& referral_id) {
  ASSIGN_OR_RETURN(const Dossier dossier, ReadDossier(store, referral_id));
  for (const ReferralEvent& event : dossier.events) {
    const bool has_effect =
        std::any_of(dossier.ordered.begin(), dossier.ordered.end(),
                    [&](const ReferralEvent& each) {
                      return each.event_id == event.event_id;
                    });
    if (!has_effect) RETURN_IF_ERROR(store.RemoveOutbox(event.event_id));
  }
  return store.SetReferralState(
      referral_id, StandingAt(self, dossier.row.parties, dossier.status));
}

}  // namespace comity
