#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/base/secret_bytes.h"
#include "node/crypto/random.h"

namespace comity {

// What a backup holds, found by opening the whole of it.
struct BackupReport {
  std::string participant;
  std::string fingerprint;  // of the card in it
  absl::Time made_at;
  uint64_t bytes = 0;  // of the file
  uint64_t files = 0;
  uint64_t logs = 0;
  uint64_t entries = 0;  // of all logs
};

// Reads a passphrase from a file closed to others, without the line feeds at
// its end. FIELD_INVALID for less than 12 bytes.
absl::StatusOr<SecretBytes> ReadPassphrase(const std::string& path);

// Writes a backup of the node in `directory`, which may be serving meanwhile:
// configuration, card, certificates, all keys but the root's, operators'
// profiles, and the store as of one instant. The file appears at `path` (mode
// 0600) once it was read back, opened and checked as RestoreNode checks it;
// what was there before is replaced. FIELD_INVALID if `path` lies in
// `directory`; STORE_UNAVAILABLE if something cannot be read or written.
absl::StatusOr<BackupReport> BackUpNode(const std::string& directory,
                                        const std::string& path,
                                        const SecretBytes& passphrase,
                                        absl::Time now, RandomSource& random);

// Makes the node of a backup in `directory`, which must be empty or not there
// (ALREADY_EXISTS). INTEGRITY_FAILURE, with nothing left in `directory`, unless
// the file opens, is signed by its own node and, if `card` is not empty, by the
// node of that participant card; the store is whole; and every log verifies.
absl::StatusOr<BackupReport> RestoreNode(const std::string& path,
                                         const std::string& directory,
                                         const SecretBytes& passphrase,
                                         const std::string& card,
                                         RandomSource& random);

}  // namespace comity
