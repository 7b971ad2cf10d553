#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/base/secret_bytes.h"
#include "node/crypto/random.h"

namespace comity {

// AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front and the
// 128-bit tag behind: 28 bytes longer than the plaintext. One key may seal at
// most 2^32 messages. `key` is 32 bytes; `associated_data` is authenticated
// and not sealed: name there what the ciphertext belongs to.
std::string Seal(const SecretBytes& key, absl::string_view plaintext,
                 absl::string_view associated_data, RandomSource& random);

// INTEGRITY_FAILURE unless `sealed` was made by Seal with the same key and
// associated data.
absl::StatusOr<std::string> Open(const SecretBytes& key,
                                 absl::string_view sealed,
                                 absl::string_view associated_data);

}  // namespace comity
