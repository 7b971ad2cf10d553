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

// Writes what every kind has in common.
federation::v1::ReferralEventPayload FormatEvent(const ReferralEvent& event);

// Checks a packet against its openings: one opening for each commitment, in
// order, that matches it and holds only fields of its group. FIELD_INVALID.
absl::StatusOr<FieldGroups> CheckPacket(
    const federation::v1::ReferralPacket& packet,
    const std::vector<FieldOpening>& openings);

}  // namespace comity
