#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "node/base/secret_bytes.h"
#include "node/crypto/signature.h"

namespace comity {

// Where an Ed25519 key is that never leaves its token (PKCS#11).
struct TokenKeyPlace {
  std::string module;  // the token's PKCS#11 library, a path from the root
  std::string token;   // the token's label
  std::string key;     // the label of both halves
};

// Opens the key for signing, and lets it sign once to see that both halves
// belong together. FIELD_INVALID for another PIN, NOT_FOUND if the module, the
// token or the key is not there, INTEGRITY_FAILURE if the token signs with
// another key than it shows.
absl::StatusOr<SigningKey> OpenTokenKey(const TokenKeyPlace& place,
                                        const SecretBytes& pin);

// Lets the token make such a key, which it gives to nobody, and opens it.
// ALREADY_EXISTS if there is one of that label; STORE_UNAVAILABLE if the token
// makes no Ed25519 keys.
absl::StatusOr<SigningKey> MakeTokenKey(const TokenKeyPlace& place,
                                        const SecretBytes& pin);

}  // namespace comity
