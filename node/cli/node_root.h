#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/crypto/random.h"

namespace comity {

// Where root keys are, each with its passphrase.
struct RootDirectories {
  std::string before;  // of the node's root; empty: its key is lost
  std::string next;    // of the one that follows
};

// What replacing a root made, or ending the one before.
struct RotatedRoot {
  absl::Time until;          // of the root
  uint32_t card = 0;         // serial
  std::string fingerprint;   // of the card
  std::string ended_serial;  // of the issuing CA before, hex; empty at the end
};

// Makes another root, whose key and passphrase are written to `next`, another
// issuing CA under it, and a card that names both and the root before, which
// signed that this one follows. Partners take it by themselves. Until
// EndRootBefore everything that stands under either root is admitted, and what
// is issued carries a chain to both. Without the key before nothing of that
// holds: the card names no root before, and whoever knows the participant has
// to compare it anew. FIELD_INVALID if the key in `before` is
// not that of the node's root, or a root is being replaced; ALREADY_EXISTS if
// `next` holds a key.
absl::StatusOr<RotatedRoot> RotateRoot(const std::string& directory,
                                       const RootDirectories& roots,
                                       absl::Time now, RandomSource& random);

// Writes a card without the root before: nothing under it is admitted from then
// on. NOT_FOUND if no root is being replaced, FIELD_INVALID if the node or one
// of its people in operators/ has a certificate of that root alone, or the
// node's was renewed less than ten seconds ago.
absl::StatusOr<RotatedRoot> EndRootBefore(const std::string& directory,
                                          const std::string& root_directory,
                                          absl::Time now);

}  // namespace comity
