#include "node/identity/own_keys.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

struct Pair {
  SigningKey on_card;
  std::optional<SigningKey> beside;
};

bool IsSame(const SigningKey& key, const VerifyKey& other) {
  return key.public_key().ToDer() == other.ToDer();
}

absl::StatusOr<Pair> ReadPair(const KeyFiles& files, const std::string& path,
                              const std::string& path_before,
                              const VerifyKey& on_card) {
  ASSIGN_OR_RETURN(SigningKey key, files.ReadSigningKey(path));
  ASSIGN_OR_RETURN(std::optional<SigningKey> before,
                   files.ReadSigningKeyIfThere(path_before));
  if (before.has_value() && IsSame(key, before->public_key())) before.reset();
  if (IsSame(key, on_card)) return Pair{std::move(key), std::move(before)};
  if (before.has_value() && IsSame(*before, on_card)) {
    return Pair{*std::move(before), std::move(key)};
  }
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat(path, " does not hold the key that card.txt names"));
}

}  // namespace

absl::StatusOr<OwnKeys> ReadOwnKeys(const KeyFiles& files,
                                    const ParticipantCard& card) {
  const NodeLayout& layout = files.layout();
  ASSIGN_OR_RETURN(Pair log, ReadPair(files, layout.LogKey(),
                                      layout.LogKeyBefore(), card.log_key));
  ASSIGN_OR_RETURN(Pair witness,
                   ReadPair(files, layout.WitnessKey(),
                            layout.WitnessKeyBefore(), card.witness_key));
  return OwnKeys{std::move(log.on_card), std::move(log.beside),
                 std::move(witness.on_card), std::move(witness.beside)};
}

}  // namespace comity
