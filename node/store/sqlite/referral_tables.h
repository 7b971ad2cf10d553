#pragma once

#include "node/store/referral_store.h"
#include "node/store/sqlite/session.h"

namespace comity::referral_tables {

// ReferralReader and ReferralWriter over one SQLite session; see
// referral_store.h.

absl::StatusOr<ReferralRow> ReadReferral(Session& session,
                                         const Uuid& referral_id);
absl::StatusOr<std::vector<ReferralRow>> ListReferrals(
    Session& session, const ReferralPage& page);
absl::StatusOr<std::vector<ReferralRow>> ListReferralsOf(Session& session,
                                                         const Uuid& case_id);
absl::StatusOr<std::vector<ReferralRow>> ListReferralsUnder(
    Session& session, const Uuid& pseudonym);
absl::StatusOr<std::vector<EventRow>> ReadEvents(Session& session,
                                                 const Uuid& referral_id);
absl::StatusOr<EventRow> ReadEvent(Session& session, const Uuid& event_id,
                                   bool with_openings);
absl::StatusOr<EventRow> ReadEventOpenings(Session& session,
                                           const Permit& permit,
                                           const Uuid& event_id);
absl::StatusOr<std::string> ReadOfferOpening(Session& session,
                                             const Uuid& event_id);
absl::StatusOr<EventRow> ReadForDelivery(Session& session,
                                         const OutboxRow& row);
absl::StatusOr<std::vector<OutboxRow>> ReadOutbox(
    Session& session, const ParticipantCode& partner, int limit);
absl::StatusOr<uint32_t> CountOutbox(Session& session,
                                     const ParticipantCode& partner,
                                     const Uuid& referral_id);
absl::StatusOr<std::vector<ParticipantCode>> OutboxPartners(Session& session);

// The data key of a dossier, for the store's own use alone. NOT_FOUND if it was
// destroyed.
absl::StatusOr<SecretBytes> DossierKey(Session& session,
                                       const Uuid& referral_id);

absl::Status InsertReferral(Session& session, const ReferralRow& row);
absl::Status InsertEvent(Session& session, const EventRow& row,
                         const ReferralStanding& standing);
absl::Status SetReferralState(Session& session, const Uuid& referral_id,
                              const ReferralStanding& standing);
absl::Status DeleteDraft(Session& session, const Uuid& referral_id);
absl::Status PutClearance(Session& session, const Uuid& referral_id,
                          const RiskClearance& clearance);
absl::Status BindReferral(Session& session, const Uuid& referral_id,
                          absl::Time erase_at, bool no_onward_transfer);
absl::StatusOr<std::vector<Uuid>> ListReferralsToActOn(Session& session,
                                                       absl::Time now,
                                                       int limit);
absl::Status InsertOutbox(Session& session, const OutboxRow& row);
absl::StatusOr<std::vector<Uuid>> ListExpiredDossiers(Session& session,
                                                      absl::Time now,
                                                      int limit);
absl::Status EraseDossier(Session& session, const Uuid& referral_id);
absl::Status RewriteOpenings(Session& session, const Uuid& referral_id,
                             const OpeningsRewrite& rewrite);
absl::Status HurryOutbox(Session& session, const Uuid& referral_id);
absl::Status RemoveOutbox(Session& session, const Uuid& event_id);
absl::Status PutReceipt(Session& session, const EventRow& row);

}  // namespace comity::referral_tables
