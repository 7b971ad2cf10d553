#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/base/secret_bytes.h"
#include "node/crypto/random.h"

namespace comity {

// HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256) and HKDF-SHA256:
// seals one message to a public key. It hides the message and does not tell who
// sealed it.

// Numbers of RFC 9180 section 7.3. The node seals with AES-256-GCM; the RFC's
// own vectors for this KEM use AES-128-GCM.
enum class HpkeAead : uint16_t { kAes128Gcm = 1, kAes256Gcm = 2 };

inline constexpr size_t kHpkeKeySize = 32;
// By how much a sealed message is longer: encapsulated key and tag.
inline constexpr size_t kHpkeOverhead = kHpkeKeySize + 16;

// A private key: 32 random bytes (RFC 7748). Its public key.
SecretBytes NewHpkeKey(RandomSource& random);
std::string HpkePublicKey(const SecretBytes& key);

// The encapsulated key followed by the ciphertext of `plaintext`, for the owner
// of `public_key` and the context that `info` names; `associated_data` is
// authenticated and not sealed. FIELD_INVALID if `public_key` is none.
absl::StatusOr<std::string> HpkeSeal(absl::string_view public_key,
                                     absl::string_view info,
                                     absl::string_view associated_data,
                                     absl::string_view plaintext,
                                     RandomSource& random,
                                     HpkeAead aead = HpkeAead::kAes256Gcm);

// INTEGRITY_FAILURE unless `sealed` was made by HpkeSeal for this key, context
// and associated data. `key` is 32 bytes.
absl::StatusOr<std::string> HpkeOpen(const SecretBytes& key,
                                     absl::string_view info,
                                     absl::string_view associated_data,
                                     absl::string_view sealed,
                                     HpkeAead aead = HpkeAead::kAes256Gcm);

// What the owners of two keys derive alike, each of the own key and the other's
// public one, and nobody else: 32 bytes, by the KEM's key agreement with an
// empty context. FIELD_INVALID if `public_key` is none.
absl::StatusOr<SecretBytes> SharedKey(const SecretBytes& key,
                                      absl::string_view public_key);

}  // namespace comity
