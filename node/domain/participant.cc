#include "node/domain/participant.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"

namespace comity {

absl::StatusOr<ParticipantCode> ParticipantCode::Create(
    absl::string_view code) {
  const bool valid =
      code.size() >= 2 && code.size() <= 16 &&
      std::all_of(code.begin(), code.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
      });
  if (!valid) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "a participant code is 2 to 16 of A-Z, 0-9 and -");
  }
  return ParticipantCode(code);
}

std::string ParticipantCode::TrustDomain() const {
  return absl::StrCat(absl::AsciiStrToLower(code_), ".comity");
}

std::string ParticipantCode::NodeSpiffeId() const {
  return absl::StrCat("spiffe://", TrustDomain(), "/node");
}

}  // namespace comity
