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

// FIELD_INVALID if the event commits to a group that nobody knows.
absl::Status CheckGroups(const federation::v1::ReferralEventPayload& payload);

using FieldCommitments =
    google::protobuf::RepeatedPtrField<federation::v1::FieldCommitment>;

// Checks the openings of a packet, an answer or a correction against their
// commitments: in their order each matches one of them and holds only fields of
// its group. A commitment may lack its opening: what was not told after all, or
// was erased. Returns the groups that are opened. FIELD_INVALID.
absl::StatusOr<FieldGroups> CheckOpenings(
    const FieldCommitments& fields, const std::vector<FieldOpening>& openings);

// The groups that an event opens, likewise checked: of an offer those of its
// document; none for kinds that tell of no record, and those may have no
// openings.
absl::StatusOr<FieldGroups> CheckOpenings(
    const federation::v1::ReferralEventPayload& payload,
    const std::vector<FieldOpening>& openings);

// The groups that an event claims to tell of, unchecked.
FieldGroups CarriedGroups(const federation::v1::ReferralEventPayload& payload);

// Of an event's openings those that do not open one of `groups` in `payload`.
// The openings may be of other events of its dossier too: those stay.
std::vector<FieldOpening> WithoutGroups(
    const federation::v1::ReferralEventPayload& payload, FieldGroups groups,
    std::vector<FieldOpening> openings);

// The terms of a referral on the wire.
void FormatTerms(const ReferralTerms& terms,
                 federation::v1::ReferralPacket& packet);

}  // namespace comity
