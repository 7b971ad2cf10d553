#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/federation/v1/attachment.pb.h"
#include "comity/operators/v1/attachment_service.pb.h"
#include "comity/operators/v1/referral_service.pb.h"
#include "node/audit/commit_writer.h"
#include "node/delivery/dossier.h"
#include "node/service/node_context.h"

namespace comity {

// Documents as the two sides of a dossier and the own people see them.

// One offer of a dossier that stands.
struct StandingOffer {
  Uuid offer_id;
  absl::Time offered_at;
  federation::v1::AttachmentOffer offer;
};

// What an event offers; nullopt if it offers nothing, or if what it said of it
// was withheld or erased.
absl::StatusOr<std::optional<federation::v1::AttachmentOffer>> ReadOffered(
    const StoreReader& store, const EventRow& row);

// The groups that an event is about: those it tells of, and those of a document
// that it offers.
absl::StatusOr<FieldGroups> ConcernedGroups(const StoreReader& store,
                                            const EventRow& row);

// The offers of a dossier, oldest first: those that have effect, say what they
// offer, and of whose groups none was withdrawn since. None once it was
// withdrawn from as a whole, or erased here.
absl::StatusOr<std::vector<StandingOffer>> StandingOffers(
    const StoreReader& store, const Dossier& dossier);

// NOT_FOUND unless it stands.
absl::StatusOr<StandingOffer> FindOffer(const StoreReader& store,
                                        const Dossier& dossier,
                                        const Uuid& offer_id);

// Says in a dossier's history what was offered.
absl::Status DescribeOffers(
    const StoreReader& store, const Dossier& dossier,
    std::vector<operators::v1::ReferralHistoryEntry>& history);

// What opens the commitment of the offer of a document in one dossier: no two
// partners get the same.
std::string OfferSalt(const AttachmentFacts& facts, const Uuid& referral_id);

// The offer of a document in a dossier, without terms.
federation::v1::AttachmentOffer OfferOf(const AttachmentFacts& facts,
                                        const Uuid& referral_id);

// LIMIT_REACHED, with what to do, if `owner` has as many documents as it may
// have, or if `bytes` more would take more of the store than its part.
absl::Status CheckRoom(const NodeContext& node, const StoreReader& store,
                       const Uuid& owner, uint64_t bytes);

// Drops documents of cases that were begun an hour ago and not finished.
absl::Status DropUnfinished(CommitScope& scope);

// A document of a case, without its digest.
operators::v1::Attachment AttachmentViewOf(const AttachmentRow& row);

}  // namespace comity
