#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/crypto/signature.h"
#include "node/crypto/verify_keys.h"

namespace comity {

// C2SP formats: signed-note, tlog-checkpoint, tlog-cosignature/v1 and
// tlog-proof, all with Ed25519.

// The head of a log.
struct Checkpoint {
  std::string origin;  // "comity/NG/NE"; also the name of the log's key
  uint64_t size = 0;
  std::string root;  // 32 bytes
};

// The signed note of a checkpoint. `key` must be Ed25519.
std::string SignCheckpoint(const Checkpoint& checkpoint, const SigningKey& key);

// The checkpoint `note` with a signature of another key of the log at its end:
// while a log key is being replaced, both sign. `key` must be Ed25519.
std::string AlsoSign(absl::string_view note, absl::string_view origin,
                     const SigningKey& key);

// Reads a signed checkpoint. Lines of unknown keys are ignored; a line of the
// named key must verify. EVIDENCE_INVALID if the text is malformed, longer
// than 64 KiB, holds control characters, names another origin, has more lines
// than a checkpoint or is not signed by `key` under the name `origin`.
absl::StatusOr<Checkpoint> OpenCheckpoint(absl::string_view note,
                                          absl::string_view origin,
                                          const VerifyKey& key);

// The same if any of the log's keys signed it.
absl::StatusOr<Checkpoint> OpenCheckpoint(absl::string_view note,
                                          absl::string_view origin,
                                          const VerifyKeys& keys);

// A verifier key in the text form of signed-note: name+id+base64.
std::string VerifierKeyText(absl::string_view name, const VerifyKey& key);

// Verifies any signed note and returns its text. Errors as above.
absl::StatusOr<std::string> OpenNote(absl::string_view note,
                                     absl::string_view key_name,
                                     const VerifyKey& key);

// The checkpoint `note` with a cosignature at its end: whoever holds `key`,
// under the name `witness`, saw at `time` that the log grew to this head and
// nothing else. `note` must have signatures, and `key` must be Ed25519.
std::string Cosign(absl::string_view note, absl::string_view witness,
                   absl::Time time, const SigningKey& key);

// When `witness` cosigned the note, in whole seconds; nullopt if it has no line
// of that key. EVIDENCE_INVALID if one does not verify, or as OpenNote.
absl::StatusOr<std::optional<absl::Time>> CosignedAt(absl::string_view note,
                                                     absl::string_view witness,
                                                     const VerifyKey& key);

// The same by any of the witness's keys.
absl::StatusOr<std::optional<absl::Time>> CosignedAt(absl::string_view note,
                                                     absl::string_view witness,
                                                     const VerifyKeys& keys);

// A proof that an entry is in a log.
struct LogProof {
  uint64_t index = 0;
  std::vector<std::string> hashes;
  std::string checkpoint;  // signed note
};

// "c2sp.org/tlog-proof@v1", the index, the hashes, a blank line, the note.
std::string FormatLogProof(const LogProof& proof);

// EVIDENCE_INVALID unless `text` is one proof in exactly that form.
absl::StatusOr<LogProof> ParseLogProof(absl::string_view text);

}  // namespace comity
