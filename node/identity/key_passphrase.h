#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "node/base/secret_bytes.h"

namespace comity {

// What systemd calls the passphrase of a node's keys: LoadCredential= or
// LoadCredentialEncrypted= of the unit puts it into a file of this name.
inline constexpr const char* kKeyCredential = "comity-keys";

// The passphrase in a file: one line of 12 to 1000 bytes. FIELD_INVALID for
// anything else, and for a file that others may read.
absl::StatusOr<SecretBytes> ReadKeyPassphrase(const std::string& path);

// Asks for a new one at the terminal, twice and without echo. FIELD_MISSING
// where nobody can be asked, FIELD_INVALID if the two differ.
absl::StatusOr<SecretBytes> AskNewKeyPassphrase();

// The passphrase of the protected keys in `directory`: the credential that
// systemd gave to this process, else what stands in `file`, if comityd.conf
// names one, else what a person types at the terminal. FIELD_MISSING if there
// is none of them. It is never an argument, nor in the environment.
absl::StatusOr<SecretBytes> FindKeyPassphrase(const std::string& file,
                                              const std::string& directory);

}  // namespace comity
