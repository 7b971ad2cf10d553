#include "node/wire/event_wire.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/case_record.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = federation::v1;
using Payload = pb::ReferralEventPayload;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

bool HasItsContent(const Payload& payload) {
  switch (payload.kind()) {
    case pb::REFERRAL_EVENT_KIND_SENT:
      return payload.has_packet();
    case pb::REFERRAL_EVENT_KIND_ACCEPTED:
      return payload.has_acceptance();
    case pb::REFERRAL_EVENT_KIND_DECLINED:
      return payload.has_decline();
    case pb::REFERRAL_EVENT_KIND_CONSENT_RECORDED:
      return payload.has_consent();
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<ParsedEvent> ParseEvent(const MessageLeaf& leaf,
                                       absl::string_view bytes) {
  Payload payload;
  if (!payload.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !HasItsContent(payload)) {
    return Invalid("the event does not parse, or lacks what its kind carries");
  }
  if (payload.parents_size() > 2) {
    return Invalid("an event names at most two parents");
  }
  ASSIGN_OR_RETURN(const Uuid referral_id, Uuid::Parse(payload.referral_id()));
  ReferralEvent event{leaf.request_id, referral_id, leaf.sender};
  event.sequence = payload.sequence();
  for (const std::string& parent : payload.parents()) {
    ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(parent));
    event.parents.push_back(id);
  }
  event.kind = static_cast<ReferralEventKind>(payload.kind());
  ASSIGN_OR_RETURN(event.occurred_at, FromProtoTime(payload.occurred_at()));
  event.role = FromName<Role>(payload.role());
  return ParsedEvent{std::move(event), std::move(payload)};
}

Payload FormatEvent(const ReferralEvent& event) {
  Payload payload;
  payload.set_referral_id(event.referral_id.ToString());
  payload.set_sequence(event.sequence);
  for (const Uuid& parent : event.parents) {
    payload.add_parents(parent.ToString());
  }
  payload.set_kind(static_cast<pb::ReferralEventKind>(event.kind));
  *payload.mutable_occurred_at() = ToProtoTime(event.occurred_at);
  payload.set_role(std::string(Name(event.role)));
  return payload;
}

absl::StatusOr<FieldGroups> CheckPacket(
    const pb::ReferralPacket& packet,
    const std::vector<FieldOpening>& openings) {
  if (static_cast<size_t>(packet.fields_size()) != openings.size()) {
    return Invalid("the packet needs one opening for each commitment");
  }
  FieldGroups groups;
  for (size_t i = 0; i < openings.size(); ++i) {
    const auto& field = packet.fields(static_cast<int>(i));
    const FieldOpening& opening = openings[i];
    const auto group = static_cast<FieldGroup>(field.group());
    if (opening.group != group || groups.Contains(group) ||
        field.commitment() != CommitField(opening.salt,
                                          static_cast<uint8_t>(group),
                                          opening.value)) {
      return Invalid("an opening of the packet does not match its commitment");
    }
    ASSIGN_OR_RETURN(record::v1::CaseRecord record, ParseRecord(opening.value));
    if (!GroupsPresent(record).Minus({group}).empty()) {
      return Invalid("an opening of the packet holds fields of another group");
    }
    groups = groups.With(group);
  }
  return groups;
}

}  // namespace comity
