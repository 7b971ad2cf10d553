#include "node/identity/own_keys.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

struct Pair {
  SigningKey on_card;
  std::optional<SigningKey> beside;
};

bool IsSame(const SigningKey& key, const VerifyKey& other) {
  return key.public_key().ToDer() == other.ToDer();
}

absl::StatusOr<Pair> ReadPair(const std::string& path,
                              const std::string& path_before,
                              const VerifyKey& on_card) {
  ASSIGN_OR_RETURN(const SecretBytes pem, ReadPrivateFile(path));
  ASSIGN_OR_RETURN(SigningKey key,
                   SigningKey::FromPem(pem.Expose(), SecretBytes()));
  ASSIGN_OR_RETURN(std::optional<SigningKey> before,
                   ReadKeyIfThere(path_before));
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

absl::StatusOr<std::optional<SigningKey>> ReadKeyIfThere(
    const std::string& path) {
  const auto pem = ReadPrivateFile(path);
  if (ReasonOf(pem.status()) == ErrorReason::kNotFound) {
    return std::optional<SigningKey>();
  }
  RETURN_IF_ERROR(pem.status());
  ASSIGN_OR_RETURN(SigningKey key,
                   SigningKey::FromPem(pem->Expose(), SecretBytes()));
  return std::optional<SigningKey>(std::move(key));
}

absl::StatusOr<OwnKeys> ReadOwnKeys(const NodeLayout& layout,
                                    const ParticipantCard& card) {
  ASSIGN_OR_RETURN(
      Pair log, ReadPair(layout.LogKey(), layout.LogKeyBefore(), card.log_key));
  ASSIGN_OR_RETURN(Pair witness,
                   ReadPair(layout.WitnessKey(), layout.WitnessKeyBefore(),
                            card.witness_key));
  return OwnKeys{std::move(log.on_card), std::move(log.beside),
                 std::move(witness.on_card), std::move(witness.beside)};
}

}  // namespace comity
