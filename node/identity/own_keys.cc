#include "node/identity/own_keys.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

// The key of the card, and behind it the other one, if there is one.
absl::StatusOr<std::vector<SigningKey>> ReadPair(const KeyFiles& files,
                                                 const std::string& path,
                                                 const std::string& path_before,
                                                 const VerifyKey& on_card) {
  ASSIGN_OR_RETURN(SigningKey key, files.ReadSigningKey(path));
  std::vector<SigningKey> keys = {std::move(key)};
  ASSIGN_OR_RETURN(const std::optional<SigningKey> before,
                   files.ReadSigningKeyIfThere(path_before));
  if (before.has_value() && keys[0].public_key() != before->public_key()) {
    keys.push_back(*before);
  }
  if (keys.back().public_key() == on_card) {
    std::reverse(keys.begin(), keys.end());
  }
  if (keys.front().public_key() == on_card) return keys;
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat(path, " does not hold the key that card.txt names"));
}

std::optional<SigningKey> Beside(const std::vector<SigningKey>& keys) {
  if (keys.size() == 1) return std::nullopt;
  return keys[1];
}

}  // namespace

absl::StatusOr<OwnKeys> ReadOwnKeys(const KeyFiles& files,
                                    const ParticipantCard& card) {
  const NodeLayout& layout = files.layout();
  ASSIGN_OR_RETURN(
      const std::vector<SigningKey> log,
      ReadPair(files, layout.LogKey(), layout.LogKeyBefore(), card.log_key));
  ASSIGN_OR_RETURN(const std::vector<SigningKey> witness,
                   ReadPair(files, layout.WitnessKey(),
                            layout.WitnessKeyBefore(), card.witness_key));
  return OwnKeys{log[0], Beside(log), witness[0], Beside(witness)};
}

}  // namespace comity
