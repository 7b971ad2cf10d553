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

}  // namespace comity
