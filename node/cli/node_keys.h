#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "node/identity/key_files.h"

namespace comity {

// A key of the node's that signs for logs.
enum class OwnKey : uint8_t {
  kLog,      // under the heads of the own logs
  kWitness,  // under heads of partners' logs
};

// What replacing one made.
struct RotatedKey {
  uint32_t card = 0;        // serial
  std::string fingerprint;  // of the card
};

// Makes another key, and a card that names it and the one before as past, by
// the root whose key is in `root_directory`. The key is made where `target`
// wants it, in a file or in a token, whose PIN comes as comityd gets it unless
// `pin` has one: so one moves into a token, and back. comityd signs with both,
// and tells partners of the card once no message is on its way that the new key
// has not signed. Called again after it was cut off, it goes on. FIELD_INVALID
// if the root key is not that of the node's root, or the key before this one
// signs still; as MakeTokenKey if the token does not do it. Then nothing is
// changed.
absl::StatusOr<RotatedKey> RotateKey(const std::string& directory,
                                     const std::string& root_directory,
                                     OwnKey which, const KeyTarget& target = {},
                                     std::shared_ptr<TokenPin> pin = nullptr);

// Destroys the key before, which signs no more then; one in a token stays there
// and is in no file, and goes with the token's own means. NOT_FOUND if there is
// none, FIELD_INVALID if the card does not name it as past.
absl::Status EndKeyBefore(const std::string& directory, OwnKey which);

}  // namespace comity
