#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "node/base/secret_bytes.h"

namespace comity {

// SHA-256 (FIPS 180-4), 32 bytes.
std::string Sha256(absl::string_view data);

// HMAC-SHA-256 (RFC 2104), 32 bytes.
std::string HmacSha256(absl::string_view key, absl::string_view data);

// HKDF-SHA-256 (RFC 5869) without salt: a key of `size` bytes (at most 255 *
// 32) for the purpose that `info` names.
SecretBytes HkdfSha256(const SecretBytes& secret, absl::string_view info,
                       size_t size);

// Compares without telling by time where two strings differ.
bool ConstantTimeEquals(absl::string_view a, absl::string_view b);

}  // namespace comity
