#pragma once

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace comity {

// Padded base64 (RFC 4648 section 4) in the one spelling that encodes its bytes
// (section 3.5): the library's decoder takes many for one. False if `text` is
// anything else.
inline bool DecodeBase64(absl::string_view text, std::string* bytes) {
  return absl::Base64Unescape(text, bytes) &&
         absl::Base64Escape(*bytes) == text;
}

}  // namespace comity
