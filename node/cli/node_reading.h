#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/identity/participant_card.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"

namespace comity {

// What commands read of a node's files, and say where they cannot.

inline absl::StatusOr<ParticipantCard> ReadCard(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(path));
  return ParseCard(text);
}

inline absl::Status CannotRead(const std::string& path) {
  return ReasonError(ErrorReason::kStoreUnavailable,
                     absl::StrCat("cannot read ", path));
}

}  // namespace comity
