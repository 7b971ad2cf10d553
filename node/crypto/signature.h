#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/base/secret_bytes.h"

// OpenSSL's key type, named here so that no header outside crypto needs it.
struct evp_pkey_st;

namespace comity {

enum class KeyAlgorithm { kEd25519, kP256 };

// A public key. Immutable, copyable, thread-safe.
class VerifyKey {
 public:
  // FIELD_INVALID unless `pem` holds an Ed25519 or P-256 SubjectPublicKeyInfo.
  static absl::StatusOr<VerifyKey> FromPem(absl::string_view pem);
  // An Ed25519 key from its 32 bytes (RFC 8032).
  static absl::StatusOr<VerifyKey> FromEd25519(absl::string_view raw);

  // EVIDENCE_INVALID unless `signature` is this key's over `message` (Ed25519,
  // or ECDSA with SHA-256 in DER form).
  absl::Status Verify(absl::string_view message,
                      absl::string_view signature) const;

  KeyAlgorithm algorithm() const;
  std::string ToPem() const;
  // DER SubjectPublicKeyInfo; its SHA-256 is the usual key pin.
  std::string ToDer() const;
  // The 32 bytes of an Ed25519 key; empty for P-256.
  std::string Ed25519Bytes() const;

  // Whether both are the same key.
  friend bool operator==(const VerifyKey& one, const VerifyKey& other);

 private:
  friend class SigningKey;
  friend class Certificate;
  friend struct X509Access;
  explicit VerifyKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

// The private half of a key that signs where it is, such as in a token.
// Thread-safe. A place that cannot sign any more ends the process: what is not
// signed does not leave (law 1).
class KeyInPlace {
 public:
  virtual ~KeyInPlace() = default;
  virtual std::string Sign(absl::string_view message) const = 0;
};

// A private key. Immutable, thread-safe; copies share the key.
class SigningKey {
 public:
  static SigningKey Generate(KeyAlgorithm algorithm);
  // A key that never is in this process: it signs messages, has no PEM and
  // issues no certificate.
  static SigningKey InPlace(const VerifyKey& public_key,
                            std::shared_ptr<const KeyInPlace> place);
  // FIELD_INVALID if `pem` does not hold such a key or `passphrase` does not
  // open it. An empty passphrase reads an unencrypted PKCS#8 file.
  static absl::StatusOr<SigningKey> FromPem(absl::string_view pem,
                                            const SecretBytes& passphrase);

  // PKCS#8; encrypted with scrypt and AES-256-CBC unless `passphrase` is empty.
  SecretBytes ToPem(const SecretBytes& passphrase) const;

  std::string Sign(absl::string_view message) const;
  VerifyKey public_key() const { return VerifyKey(key_); }

 private:
  friend struct X509Access;
  explicit SigningKey(std::shared_ptr<evp_pkey_st> key)
      : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;         // the public half, if in place
  std::shared_ptr<const KeyInPlace> place_;  // none: key_ signs
};

}  // namespace comity
