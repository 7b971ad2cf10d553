#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "node/base/secret_bytes.h"

namespace comity {

// What systemd calls the passphrase of a node's keys: LoadCredential= or
// LoadCredentialEncrypted= of the unit puts it into a file of this name.
inline constexpr const char* kKeyCredential = "comity-keys";
// And the PIN of the token that holds keys.
inline constexpr const char* kPinCredential = "comity-token-pin";

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

// The PIN of a token: one line of 4 to 255 bytes, in a file.
absl::StatusOr<SecretBytes> ReadTokenPin(const std::string& path);

// The PIN of the token with keys of a node, looked for as the passphrase is
// when it is first wanted, so that nobody is asked for a PIN that is not
// needed, or twice. Thread-safe.
class TokenPin {
 public:
  // `file`: named by comityd.conf, or empty.
  TokenPin(std::string file, std::string directory)
      : file_(std::move(file)), directory_(std::move(directory)) {}
  explicit TokenPin(SecretBytes known) : known_(std::move(known)) {}

  absl::StatusOr<SecretBytes> Get();

 private:
  const std::string file_;
  const std::string directory_;
  absl::Mutex mutex_;
  SecretBytes known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
