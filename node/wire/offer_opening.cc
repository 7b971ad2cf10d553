#include "node/wire/offer_opening.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/domain/attachment.h"
#include "node/wire/message_leaf.h"
#include "node/wire/required_fields.h"

namespace comity {
namespace {

namespace pb = federation::v1;

constexpr size_t kCommitmentSize = 32;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

std::string CommitmentOf(const FieldOpening& opening) {
  return CommitField(opening.salt, static_cast<uint8_t>(FieldGroup::kUnset),
                     opening.value);
}

// By codes that this build knows, with a digest and a size that can be.
absl::Status CheckOffer(const pb::AttachmentOffer& offer) {
  if (!pb::AttachmentKind_IsValid(offer.kind()) ||
      !pb::MediaType_IsValid(offer.media_type()) ||
      !v1::RecordGroup_IsValid(offer.group()) ||
      !kShareableGroups.Contains(static_cast<FieldGroup>(offer.group()))) {
    return Invalid("an offer names kind, format and group by their codes");
  }
  if (AlwaysNamesPerson(static_cast<AttachmentKind>(offer.kind())) &&
      !offer.names_person()) {
    return Invalid("a document of that kind says who she is");
  }
  if (offer.chunks() == 0 || offer.chunks() > kMostChunks ||
      offer.commitment().size() != kCommitmentSize) {
    return Invalid("a document has 1 to 1280 chunks and a commitment");
  }
  return absl::OkStatus();
}

}  // namespace

FieldOpening SealOffer(const pb::AttachmentOffer& offer, RandomSource& random,
                       pb::SealedOffer& sealed) {
  FieldOpening opening{FieldGroup::kUnset, random.Bytes(32),
                       offer.SerializeAsString()};
  sealed.set_commitment(CommitmentOf(opening));
  return opening;
}

absl::StatusOr<std::optional<pb::AttachmentOffer>> OpenOffer(
    const pb::SealedOffer& sealed, const std::vector<FieldOpening>& openings) {
  std::optional<pb::AttachmentOffer> offer;
  if (openings.empty()) return offer;
  const FieldOpening& opening = openings.front();
  if (openings.size() > 1 || opening.group != FieldGroup::kUnset ||
      CommitmentOf(opening) != sealed.commitment()) {
    return Invalid("the opening of an offer does not match its commitment");
  }
  if (!offer.emplace().ParseFromString(opening.value)) {
    return Invalid("what an event offers does not parse");
  }
  RETURN_IF_ERROR(CheckRequiredFields(*offer));
  RETURN_IF_ERROR(CheckOffer(*offer));
  return offer;
}

FieldGroups GroupsOf(const pb::AttachmentOffer& offer) {
  const FieldGroups groups = {static_cast<FieldGroup>(offer.group())};
  return offer.names_person() ? groups.With(FieldGroup::kIdentity) : groups;
}

FieldGroups GroupsOf(const FieldOpening& opening) {
  if (opening.group != FieldGroup::kUnset) return {opening.group};
  // What does not parse was told nobody.
  pb::AttachmentOffer offer;
  return offer.ParseFromString(opening.value) ? GroupsOf(offer) : FieldGroups();
}

}  // namespace comity
