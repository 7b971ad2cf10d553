#include "node/base/uuid.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"

namespace comity {

absl::StatusOr<Uuid> Uuid::Parse(absl::string_view text) {
  std::string hex;
  bool valid = text.size() == 36;
  for (size_t i = 0; valid && i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    valid = dash ? text[i] == '-'
                 : absl::ascii_isxdigit(static_cast<unsigned char>(text[i]));
    if (!dash) hex.push_back(text[i]);
  }
  if (!valid) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "an identifier must be a UUID of 36 characters");
  }
  return FromBytes(absl::HexStringToBytes(hex));
}

absl::StatusOr<Uuid> Uuid::FromBytes(absl::string_view bytes) {
  Uuid id;
  if (bytes.size() != id.bytes_.size()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "an identifier must be 16 bytes long");
  }
  std::copy(bytes.begin(), bytes.end(), id.bytes_.begin());
  return id;
}

std::string Uuid::ToString() const {
  const std::string hex = absl::BytesToHexString(ToBytes());
  const absl::string_view view = hex;
  return absl::StrCat(view.substr(0, 8), "-", view.substr(8, 4), "-",
                      view.substr(12, 4), "-", view.substr(16, 4), "-",
                      view.substr(20));
}

}  // namespace comity
