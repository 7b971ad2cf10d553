#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "node/base/secret_bytes.h"
#include "node/crypto/random.h"
#include "node/identity/key_files.h"
#include "node/identity/node_layout.h"

namespace comity {

// The keys of a node's directory as its configuration says; asks at the
// terminal for their passphrase if nothing else gives it.
absl::StatusOr<KeyFiles> OpenKeys(const NodeLayout& layout);

// VERSION_CONFLICT if `keys` would not write a key as the directory's others
// are: another command put them under another passphrase, or in the clear,
// since they were opened. The caller holds the CertificatesLock.
absl::Status CheckKeysStand(const KeyFiles& keys);

// A passphrase for keys that are to be protected: of a file, or, without one,
// typed twice at the terminal.
absl::StatusOr<std::shared_ptr<const SecretBytes>> NewKeyPassphrase(
    const std::string& file);

// Protects the keys of a node that exists, whether it serves or not; comityd
// needs the passphrase from its next start on. Returns how many were in the
// clear. FIELD_INVALID, with nothing changed, if one is protected under another
// passphrase.
absl::StatusOr<size_t> ProtectKeys(
    const std::string& directory, std::shared_ptr<const SecretBytes> passphrase,
    RandomSource& random);

// The files that hold the passphrase until now and the one to come. Empty: the
// first is found as comityd finds it, the second typed twice at the terminal.
struct PassphraseFiles {
  std::string before;
  std::string next;
};

// Puts the keys under another passphrase, whether the node serves or not;
// comityd needs that one from its next start on. Cut off, another call with the
// same two ends it, and comityd does not start before. Returns how many files
// it wrote. FIELD_INVALID, with nothing changed, if no key is protected, if
// both passphrases are one, or if a key opens by neither.
absl::StatusOr<size_t> ChangeKeyPassphrase(const std::string& directory,
                                           const PassphraseFiles& files,
                                           RandomSource& random);

// Leaves the keys in the clear; a node that serves goes on, and starts in
// between. The passphrase as above. Returns how many files were protected.
absl::StatusOr<size_t> UnprotectKeys(const std::string& directory,
                                     const std::string& passphrase_file,
                                     RandomSource& random);

}  // namespace comity
