#pragma once

#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/base/secret_bytes.h"
#include "node/crypto/random.h"
#include "node/crypto/signature.h"

namespace comity {

// A backup of a node as one file, sealed under a passphrase and signed by the
// node's log key; byte by byte in node/wire/BACKUP.md.

// What a backup says of itself before it is opened.
struct BackupHead {
  std::string participant;
  absl::Time made_at;  // whole seconds
  std::string salt;    // of the passphrase's key, 16 bytes
};

// One file of the node's directory.
struct BackupEntry {
  std::string path;  // relative: names of a-z A-Z 0-9 . _ - joined by /
  uint64_t size = 0;
  bool is_private = true;  // mode 0600, else 0644
};

// Whether an entry may have this path: names that stay below the directory.
bool IsBackupPath(absl::string_view path);

// Writes one backup, entry by entry. Used by one thread; borrows the stream and
// the randomness. What the stream cannot take is said by Finish.
class BackupWriter {
 public:
  BackupWriter(std::ostream& out, const BackupHead& head,
               const SecretBytes& passphrase, RandomSource& random);

  // Announces an entry; exactly `entry.size` bytes of Append follow.
  void Begin(const BackupEntry& entry);
  void Append(absl::string_view bytes);
  // Ends the file with the signature. STORE_UNAVAILABLE if it was not written.
  absl::Status Finish(const SigningKey& key);

 private:
  void SealPiece(bool last);

  std::ostream& out_;
  RandomSource& random_;
  SecretBytes key_;
  std::string digest_;  // of all that was written
  std::string piece_;   // not sealed yet
};

// Who takes the contents of a backup, in its order.
class BackupSink {
 public:
  virtual ~BackupSink() = default;
  virtual absl::Status Begin(const BackupEntry& entry) = 0;
  virtual absl::Status Append(absl::string_view bytes) = 0;
  // After the last byte of an entry.
  virtual absl::Status End() = 0;
};

// What stands around the contents.
struct OpenedBackup {
  BackupHead head;
  uint64_t size = 0;      // of the file, in bytes
  std::string digest;     // of all that is signed, 32 bytes
  std::string signature;  // not verified: whose key it is stands inside
};

// Opens a backup and gives its contents to `sink`. FIELD_INVALID if the file is
// no backup; INTEGRITY_FAILURE if the passphrase is another, or a byte was
// changed, left out or added. `sink` may have got a part by then.
absl::StatusOr<OpenedBackup> ReadBackup(std::istream& in,
                                        const SecretBytes& passphrase,
                                        BackupSink& sink);

// The same in two steps: the head, FIELD_INVALID if the file is no backup; then
// what follows it, by the key that PassphraseKey makes of passphrase and salt.
absl::StatusOr<BackupHead> ReadBackupHead(std::istream& in);
absl::StatusOr<OpenedBackup> OpenBackup(std::istream& in,
                                        const BackupHead& head,
                                        const SecretBytes& key,
                                        BackupSink& sink);

// INTEGRITY_FAILURE unless `key` signed the backup.
absl::Status VerifyBackup(const OpenedBackup& backup, const VerifyKey& key);

}  // namespace comity
