#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "node/crypto/signature.h"
#include "node/identity/key_files.h"
#include "node/identity/participant_card.h"

namespace comity {

// The key files of a node that sign for its logs. While comity node rotate-key
// replaces one there are two, and both sign: the one on the card and the other.
// Whichever file was written last, each state of them and of the card is one
// that a node can start from.
struct OwnKeys {
  SigningKey log;
  std::optional<SigningKey> log_beside;
  SigningKey witness;
  std::optional<SigningKey> witness_beside;
};

// FIELD_INVALID if a key of the card is in no file, or as ReadSigningKey.
absl::StatusOr<OwnKeys> ReadOwnKeys(const KeyFiles& files,
                                    const ParticipantCard& card);

}  // namespace comity
