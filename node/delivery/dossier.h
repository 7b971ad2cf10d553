#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "node/domain/referral_status.h"
#include "node/store/store.h"

namespace comity {

// One referral with its events, as this node holds them.
struct Dossier {
  ReferralRow row;
  std::vector<EventRow> rows;          // in order of arrival
  std::vector<ReferralEvent> events;   // likewise, with content and receipts
  std::vector<ReferralEvent> ordered;  // those that have effect
  ReferralStatus status;

  const ParticipantCode& OtherThan(const ParticipantCode& self) const {
    return row.parties.holder == self ? row.parties.receiver
                                      : row.parties.holder;
  }
};

// NOT_FOUND if this node holds no such referral.
absl::StatusOr<Dossier> ReadDossier(const ReferralReader& store,
                                    const Uuid& referral_id);

// The event of a row, parsed from the bytes that its author signed.
absl::StatusOr<ReferralEvent> EventOf(const EventRow& row);

// Where the referral stands at `self`, as the store keeps it.
ReferralStanding StandingAt(const ParticipantCode& self,
                            const ReferralParties& parties,
                            const ReferralStatus& status);

// Sets the referral's stored state to what its events lead to now, and takes
// events out of the outbox that build on one that its receiver refused.
absl::Status RefreshState(const ParticipantCode& self, StoreTransaction& store,
                          const Uuid& referral_id);

}  // namespace comity
