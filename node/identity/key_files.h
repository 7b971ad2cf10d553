#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/base/secret_bytes.h"
#include "node/crypto/random.h"
#include "node/crypto/signature.h"
#include "node/crypto/token_key.h"
#include "node/identity/key_passphrase.h"
#include "node/identity/node_layout.h"

namespace comity {

// Where another key is to be than the one whose place it takes.
struct KeyTarget {
  enum class Place : uint8_t { kSame, kFile, kToken };
  Place place = Place::kSame;
  std::string module;  // of the token, as in TokenKeyPlace
  std::string token;
};

// Another key, and what its file is to hold.
struct NewKey {
  SigningKey key;
  SecretBytes file;
};

// The private keys of a node's directory, in the clear or protected under one
// passphrase. Which of both a file is stands in the file itself, so that a
// directory with files of both kinds reads as well as any. Protected signing
// keys are PKCS#8 under scrypt, as openssl pkcs8 reads them; the store key and
// the bundle key are sealed by AES-256-GCM under a key that scrypt makes of the
// passphrase and a salt of the file's own, and name their file. The log key and
// the witness key may be in a token instead; their files say where. Immutable,
// copyable, thread-safe; copies share passphrase and PIN.
class KeyFiles {
 public:
  // With the passphrase, or none for a directory without protected keys.
  explicit KeyFiles(NodeLayout layout,
                    std::shared_ptr<const SecretBytes> passphrase = nullptr,
                    std::shared_ptr<TokenPin> pin = nullptr)
      : layout_(std::move(layout)),
        passphrase_(std::move(passphrase)),
        pin_(std::move(pin)) {}

  // Looks for the passphrase if a key is protected, as FindKeyPassphrase does,
  // and holds it against that key: FIELD_INVALID for another one.
  // The PIN of a token is looked for when a key is read that is in one.
  static absl::StatusOr<KeyFiles> Open(const NodeLayout& layout,
                                       const std::string& passphrase_file,
                                       const std::string& pin_file = "");

  // With the PIN of a token from elsewhere.
  KeyFiles WithPin(std::shared_ptr<TokenPin> pin) const {
    return KeyFiles(layout_, passphrase_, std::move(pin));
  }
  // The same passphrase for a copy of the directory elsewhere.
  KeyFiles At(NodeLayout layout) const {
    return KeyFiles(std::move(layout), passphrase_, pin_);
  }

  // FIELD_INVALID for what is no such key or opens under another passphrase,
  // FIELD_MISSING for a protected one without a passphrase.
  absl::StatusOr<SigningKey> ReadSigningKey(const std::string& path) const;
  // nullopt if there is no such file.
  absl::StatusOr<std::optional<SigningKey>> ReadSigningKeyIfThere(
      const std::string& path) const;
  absl::StatusOr<SecretBytes> ReadSecret(const std::string& path) const;

  // Protected if there is a passphrase.
  absl::Status WriteSigningKey(const std::string& path,
                               const SigningKey& key) const;
  absl::Status WriteSecret(const std::string& path, const SecretBytes& secret,
                           RandomSource& random) const;

  // Makes another Ed25519 key for the place of the one at `path`, whose file is
  // not written yet: in a token, under `token_label`, where one before stays;
  // otherwise of the file, protected if there is a passphrase. A token's key of
  // that label, which a call that was cut off made, is taken.
  absl::StatusOr<NewKey> MakeReplacement(const std::string& path,
                                         const std::string& token_label,
                                         const KeyTarget& target) const;
  // Whether the key at `path` is where `target` wants it.
  static absl::StatusOr<bool> IsAt(const std::string& path,
                                   const KeyTarget& target);

  // Brings all files into the form in which this one writes them, opened by
  // `before` where they are not in it: under this passphrase, or in the clear.
  // One file after the other, each replaced at once: whenever it is cut off,
  // every key opens by one of both, and another run ends it. Returns how many
  // it wrote. FIELD_INVALID or FIELD_MISSING, with nothing changed, if any key
  // opens by neither. What is in a token stays as it is.
  absl::StatusOr<size_t> TakeOver(const KeyFiles& before,
                                  RandomSource& random) const;
  // Of those that are in the clear; FIELD_MISSING without a passphrase.
  absl::StatusOr<size_t> ProtectAll(RandomSource& random) const;

  // Whether any file is protected.
  bool AnyProtected() const;

  const NodeLayout& layout() const { return layout_; }
  bool has_passphrase() const { return passphrase_ != nullptr; }
  bool HasSamePassphrase(const KeyFiles& other) const {
    return has_passphrase() && other.has_passphrase() &&
           *passphrase_ == *other.passphrase_;
  }

 private:
  std::vector<std::string> SigningPaths() const;
  std::vector<std::string> SecretPaths() const;
  // OK if `path` is not protected, or opens.
  absl::Status CheckOpens(const std::string& path, bool is_secret) const;
  absl::Status CheckHasPassphrase(const std::string& path) const;
  SecretBytes ToFile(const SigningKey& key) const;
  // What TakeOver is to write at `path`; nullopt: it stands there as it should.
  template <typename Key>
  absl::StatusOr<std::optional<Key>> OpenForTaking(
      const std::string& path, const KeyFiles& before,
      absl::StatusOr<Key> (KeyFiles::*read)(const std::string&) const) const;
  // FIELD_INVALID for a key that no token may have, or as TokenPin::Get.
  absl::StatusOr<SecretBytes> PinFor(const std::string& path) const;

  NodeLayout layout_;
  std::shared_ptr<const SecretBytes> passphrase_;
  std::shared_ptr<TokenPin> pin_;
};

}  // namespace comity
