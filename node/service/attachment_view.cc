#include "node/service/attachment_view.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/service/consent_view.h"
#include "node/service/dossier_event.h"
#include "node/wire/event_text.h"
#include "node/wire/event_wire.h"
#include "node/wire/offer_opening.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace fed = federation::v1;

constexpr absl::Duration kLongestWrite = absl::Hours(1);

}  // namespace

absl::StatusOr<std::optional<fed::AttachmentOffer>> ReadOffered(
    const StoreReader& store, const EventRow& row) {
  if (row.event.kind != ReferralEventKind::kAttachmentOffered) {
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(const std::string kept,
                   store.ReadOfferOpening(row.event.event_id));
  ASSIGN_OR_RETURN(const std::vector<FieldOpening> openings,
                   ParseOpenings(kept));
  return OpenOffer(StoredPayload(row).attachment(), openings);
}

absl::StatusOr<FieldGroups> ConcernedGroups(const StoreReader& store,
                                            const EventRow& row) {
  ASSIGN_OR_RETURN(const std::optional<fed::AttachmentOffer> offer,
                   ReadOffered(store, row));
  return offer.has_value() ? GroupsOf(*offer)
                           : CarriedGroups(StoredPayload(row));
}

absl::StatusOr<std::vector<StandingOffer>> StandingOffers(
    const StoreReader& store, const Dossier& dossier) {
  std::vector<StandingOffer> offers;
  if (dossier.row.erased || dossier.status.withdrawn) return offers;
  std::map<Uuid, const EventRow*> rows;
  for (const EventRow& row : dossier.rows) rows[row.event.event_id] = &row;
  for (const ReferralEvent& event :
       EventsWithEffect(dossier.row.parties, dossier.ordered)) {
    const EventRow& row = *rows.at(event.event_id);
    ASSIGN_OR_RETURN(std::optional<fed::AttachmentOffer> offer,
                     ReadOffered(store, row));
    if (offer.has_value()) {
      offers.push_back({event.event_id, event.occurred_at, *std::move(offer)});
    }
    if (event.kind != ReferralEventKind::kConsentWithdrawn) continue;
    const FieldGroups gone = GroupsOf(StoredPayload(row).withdrawal());
    std::erase_if(offers, [&](const StandingOffer& each) {
      return !GroupsOf(each.offer).Intersect(gone).empty();
    });
  }
  return offers;
}

absl::StatusOr<StandingOffer> FindOffer(const StoreReader& store,
                                        const Dossier& dossier,
                                        const Uuid& offer_id) {
  ASSIGN_OR_RETURN(std::vector<StandingOffer> offers,
                   StandingOffers(store, dossier));
  for (StandingOffer& each : offers) {
    if (each.offer_id == offer_id) return std::move(each);
  }
  return ReasonError(ErrorReason::kNotFound,
                     "the referral offers no such document, or not any more; "
                     "comity referral attachments lists them");
}

absl::Status DescribeOffers(
    const StoreReader& store, const Dossier& dossier,
    std::vector<operators::v1::ReferralHistoryEntry>& history) {
  std::map<std::string, const EventRow*> rows;
  for (const EventRow& row : dossier.rows) {
    rows[row.event.event_id.ToString()] = &row;
  }
  for (operators::v1::ReferralHistoryEntry& entry : history) {
    if (!entry.summary().empty()) continue;
    ASSIGN_OR_RETURN(const std::optional<fed::AttachmentOffer> offer,
                     ReadOffered(store, *rows.at(entry.event_id())));
    if (!offer.has_value()) continue;
    entry.set_summary(OfferText(*offer));
    entry.mutable_offer()->set_kind(offer->kind());
    entry.mutable_offer()->set_media_type(offer->media_type());
    entry.mutable_offer()->set_group(offer->group());
  }
  return absl::OkStatus();
}

std::string OfferSalt(const AttachmentFacts& facts, const Uuid& referral_id) {
  return HmacSha256(facts.salt, referral_id.ToBytes());
}

fed::AttachmentOffer OfferOf(const AttachmentFacts& facts,
                             const Uuid& referral_id) {
  fed::AttachmentOffer offer;
  offer.set_kind(static_cast<fed::AttachmentKind>(facts.kind));
  offer.set_media_type(static_cast<fed::MediaType>(facts.media));
  offer.set_group(static_cast<v1::RecordGroup>(facts.group));
  offer.set_names_person(facts.names_person);
  offer.set_chunks(ChunkCount(facts.size));
  offer.set_commitment(
      CommitAttachment(OfferSalt(facts, referral_id), facts.digest));
  return offer;
}

absl::Status CheckRoom(const NodeContext& node, const StoreReader& store,
                       const Uuid& owner, uint64_t bytes) {
  ASSIGN_OR_RETURN(const std::vector<AttachmentRow> own,
                   store.ListAttachments(owner));
  if (own.size() >= kMostAttachments) {
    return ReasonError(ErrorReason::kLimitReached,
                       absl::StrCat("there are ", kMostAttachments,
                                    " documents already; destroy one first"));
  }
  ASSIGN_OR_RETURN(const uint64_t taken, store.AttachmentBytes());
  const auto share = static_cast<uint64_t>(node.config.attachment_store_mib)
                     << 20;
  if (taken + bytes <= share) return absl::OkStatus();
  return ReasonError(
      ErrorReason::kLimitReached,
      absl::StrCat("documents take ", taken >> 20, " of the ", share >> 20,
                   " MiB that attachment_store_mib of the node allows them"));
}

absl::Status DropUnfinished(CommitScope& scope) {
  ASSIGN_OR_RETURN(const std::vector<Uuid> unfinished,
                   scope.store().ListUnfinished(scope.now() - kLongestWrite));
  for (const Uuid& each : unfinished) {
    RETURN_IF_ERROR(scope.store().DeleteAttachment(each));
  }
  return absl::OkStatus();
}

operators::v1::Attachment AttachmentViewOf(const AttachmentRow& row) {
  operators::v1::Attachment view;
  view.set_attachment_id(row.id.ToString());
  view.set_kind(static_cast<fed::AttachmentKind>(row.facts.kind));
  view.set_media_type(static_cast<fed::MediaType>(row.facts.media));
  view.set_group(static_cast<v1::RecordGroup>(row.facts.group));
  view.set_names_person(row.facts.names_person);
  view.set_size(row.facts.size);
  *view.mutable_attached_at() = ToProtoTime(row.begun_at);
  return view;
}

}  // namespace comity
