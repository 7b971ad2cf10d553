#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/crypto/token_key.h"

namespace comity {

// What stands in the place of a key's file when the key is in a token: a text
// that says where, without the PIN.
bool IsTokenFile(absl::string_view text);
std::string FormatTokenFile(const TokenKeyPlace& place);
// FIELD_INVALID unless FormatTokenFile wrote it.
absl::StatusOr<TokenKeyPlace> ParseTokenFile(absl::string_view text);

}  // namespace comity
