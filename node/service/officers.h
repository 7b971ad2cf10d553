#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "node/base/secret_bytes.h"
#include "node/domain/participant.h"

namespace comity {

// What one partner calls one of the own people, 16 bytes: the same for all of
// its calls, unlike what every other partner calls her.
std::string OfficerPseudonym(const SecretBytes& officer_key,
                             const ParticipantCode& partner,
                             absl::string_view operator_name);

// FIELD_INVALID unless a pseudonym in a message is empty or 16 bytes.
absl::Status CheckOfficer(absl::string_view pseudonym);

}  // namespace comity
