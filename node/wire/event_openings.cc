#include <algorithm>
#include <array>
#include <set>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/case_record.h"
#include "node/wire/event_wire.h"
#include "node/wire/offer_opening.h"

// What events tell of a record, and the openings that they are told by.
namespace comity {
namespace {

using Payload = federation::v1::ReferralEventPayload;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

std::string CommitmentOf(const FieldOpening& opening) {
  return CommitField(opening.salt, static_cast<uint8_t>(opening.group),
                     opening.value);
}

// What of an event tells of the record.
std::array<const FieldCommitments*, 3> FieldsOf(const Payload& payload) {
  return {&payload.packet().fields(), &payload.info_answer().fields(),
          &payload.correction().fields()};
}

// A number that names no group must not be taken for one that it ends like.
bool IsOfKnownGroup(const federation::v1::FieldCommitment& field) {
  return field.group() != v1::RECORD_GROUP_UNSPECIFIED &&
         v1::RecordGroup_IsValid(field.group());
}

}  // namespace

absl::Status CheckGroups(const Payload& payload) {
  for (const FieldCommitments* fields : FieldsOf(payload)) {
    if (!std::all_of(fields->begin(), fields->end(), IsOfKnownGroup)) {
      return Invalid("the event commits to a group that nobody knows");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<FieldGroups> CheckOpenings(
    const Payload& payload, const std::vector<FieldOpening>& openings) {
  switch (payload.content_case()) {
    case Payload::kPacket:
      return CheckOpenings(payload.packet().fields(), openings);
    case Payload::kInfoAnswer:
      return CheckOpenings(payload.info_answer().fields(), openings);
    case Payload::kCorrection:
      return CheckOpenings(payload.correction().fields(), openings);
    case Payload::kAttachment: {
      ASSIGN_OR_RETURN(const auto offer,
                       OpenOffer(payload.attachment(), openings));
      return offer.has_value() ? GroupsOf(*offer) : FieldGroups();
    }
    default:
      return CheckOpenings(FieldCommitments(), openings);
  }
}

absl::StatusOr<FieldGroups> CheckOpenings(
    const FieldCommitments& fields, const std::vector<FieldOpening>& openings) {
  FieldGroups committed;
  FieldGroups groups;
  auto opening = openings.begin();
  for (const auto& field : fields) {
    const auto group = static_cast<FieldGroup>(field.group());
    if (!IsOfKnownGroup(field)) {
      return Invalid("the event commits to a group that nobody knows");
    }
    if (committed.Contains(group)) {
      return Invalid("the event commits to a group twice");
    }
    committed = committed.With(group);
    if (opening == openings.end() || opening->group != group) continue;
    if (field.commitment() != CommitmentOf(*opening)) break;
    ASSIGN_OR_RETURN(record::v1::CaseRecord record,
                     ParseRecord(opening->value));
    if (!GroupsPresent(record).Minus({group}).empty()) {
      return Invalid("an opening of the event holds fields of another group");
    }
    groups = groups.With(group);
    ++opening;
  }
  if (opening == openings.end()) return groups;
  return Invalid("an opening of the event does not match its commitment");
}

FieldGroups CarriedGroups(const federation::v1::ReferralEventPayload& payload) {
  FieldGroups groups;
  for (const FieldCommitments* fields : FieldsOf(payload)) {
    for (const auto& field : *fields) {
      groups = groups.With(static_cast<FieldGroup>(field.group()));
    }
  }
  return groups;
}

std::vector<FieldOpening> WithoutGroups(
    const federation::v1::ReferralEventPayload& payload, FieldGroups groups,
    std::vector<FieldOpening> openings) {
  if (payload.has_attachment()) {
    std::erase_if(openings, [&](const FieldOpening& each) {
      return !GroupsOf(each).Intersect(groups).empty() &&
             OpenOffer(payload.attachment(), {each}).ok();
    });
    return openings;
  }
  std::set<std::string> closed;
  for (const FieldCommitments* fields : FieldsOf(payload)) {
    for (const auto& field : *fields) {
      if (!groups.Contains(static_cast<FieldGroup>(field.group()))) continue;
      closed.insert(field.commitment());
    }
  }
  std::erase_if(openings, [&](const FieldOpening& each) {
    return closed.contains(CommitmentOf(each));
  });
  return openings;
}

}  // namespace comity
