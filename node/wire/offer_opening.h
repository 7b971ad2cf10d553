#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/federation/v1/attachment.pb.h"
#include "node/crypto/random.h"
#include "node/wire/envelope.h"

namespace comity {

// The event that offers a document commits to what it is, and stays for ever;
// the opening beside it tells, and can be withheld or erased.

// Commits `sealed` to `offer`; returns what opens it.
FieldOpening SealOffer(const federation::v1::AttachmentOffer& offer,
                       RandomSource& random,
                       federation::v1::SealedOffer& sealed);

// What `sealed` commits to; nullopt without an opening. FIELD_INVALID if an
// opening is of something else, or if that can be no document.
absl::StatusOr<std::optional<federation::v1::AttachmentOffer>> OpenOffer(
    const federation::v1::SealedOffer& sealed,
    const std::vector<FieldOpening>& openings);

// The groups that must be granted for an offered document to be told.
FieldGroups GroupsOf(const federation::v1::AttachmentOffer& offer);

// The groups that an opening tells: its own, or those of its document.
FieldGroups GroupsOf(const FieldOpening& opening);

}  // namespace comity
