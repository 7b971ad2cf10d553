#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "comity/federation/v1/referral.pb.h"
#include "node/domain/referral.h"
#include "node/wire/envelope.h"

namespace comity {

inline constexpr const char* kEventType =
    "comity.federation.v1.ReferralEventPayload";
inline constexpr const char* kReceiptType = "comity.federation.v1.EventReceipt";

// An event with what it carries.
struct ParsedEvent {
  ReferralEvent event;
  federation::v1::ReferralEventPayload payload;
};

// FIELD_INVALID unless `bytes` is an event whose kind has its content. The
// event's id and author come from its leaf.
absl::StatusOr<ParsedEvent> ParseEvent(const MessageLeaf& leaf,
                                       absl::string_view bytes);

// Writes what every kind has in common into `payload`, beside its content.
void FormatEvent(const ReferralEvent& event,
                 federation::v1::ReferralEventPayload& payload);

// What guards read of an event's content. FIELD_INVALID unless the content is
// that of the payload's kind, with all it needs.
absl::StatusOr<EventContent> ContentOf(
    const federation::v1::ReferralEventPayload& payload);

// The events that a payload takes back. FIELD_INVALID where it may take back
// none.
absl::StatusOr<std::vector<Uuid>> RecalledOf(
    const federation::v1::ReferralEventPayload& payload);

// Puts into `event` what its receipt told; an empty receipt: none came yet.
void AddReceipt(absl::string_view receipt_payload, ReferralEvent& event);

using FieldCommitments =
    google::protobuf::RepeatedPtrField<federation::v1::FieldCommitment>;

// Checks the commitments of a packet or an answer against their openings: one
// opening for each, in order, that matches it and holds only fields of its
// group. FIELD_INVALID.
absl::StatusOr<FieldGroups> CheckOpenings(
    const FieldCommitments& fields, const std::vector<FieldOpening>& openings);

// The groups that an event tells of, likewise checked; none for kinds that tell
// of no record, and those may have no openings.
absl::StatusOr<FieldGroups> CheckOpenings(
    const federation::v1::ReferralEventPayload& payload,
    const std::vector<FieldOpening>& openings);

// The groups that an event claims to tell of, unchecked.
FieldGroups CarriedGroups(const federation::v1::ReferralEventPayload& payload);

// The groups that an event is about: those it tells of, and those of a document
// that it offers.
FieldGroups ConcernedGroups(
    const federation::v1::ReferralEventPayload& payload);

// The groups that must be granted for an offered document to be told.
FieldGroups GroupsOf(const federation::v1::AttachmentOffer& offer);

// The terms of a referral on the wire.
void FormatTerms(const ReferralTerms& terms,
                 federation::v1::ReferralPacket& packet);

}  // namespace comity
