#include "node/cli/node_keys.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/issued_certificates.h"
#include "node/cli/node_trust.h"
#include "node/cli/open_keys.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"

namespace comity {
namespace {

// Where a key lies, and where on the card it stands. Borrows the card.
struct KeyPlace {
  std::string path;
  std::string path_before;
  VerifyKey& on_card;
  std::vector<VerifyKey>& past;
};

KeyPlace PlaceOf(const NodeLayout& layout, OwnKey which,
                 ParticipantCard& card) {
  if (which == OwnKey::kLog) {
    return {layout.LogKey(), layout.LogKeyBefore(), card.log_key,
            card.past_log_keys};
  }
  return {layout.WitnessKey(), layout.WitnessKeyBefore(), card.witness_key,
          card.past_witness_keys};
}

bool IsSame(const VerifyKey& one, const VerifyKey& other) {
  return one.ToDer() == other.ToDer();
}

// Puts the key of the card beside, unless a call that was cut off did.
absl::Status KeepBefore(const KeyFiles& keys, const KeyPlace& place) {
  ASSIGN_OR_RETURN(const std::optional<SigningKey> before,
                   keys.ReadSigningKeyIfThere(place.path_before));
  if (before.has_value()) {
    if (IsSame(before->public_key(), place.on_card)) return absl::OkStatus();
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the key before this one signs still: when all partners "
                       "know the card, comity node rotate-key with --finish");
  }
  // As it is: in the clear, protected, or in a token.
  ASSIGN_OR_RETURN(const SecretBytes text, ReadPrivateFile(place.path));
  return WritePrivateFile(place.path_before, text.Expose());
}

// The key that is not on the card: a new one, unless it is there.
absl::StatusOr<SigningKey> NextKey(const KeyFiles& keys, const KeyPlace& place,
                                   const std::string& token_label) {
  ASSIGN_OR_RETURN(SigningKey there, keys.ReadSigningKey(place.path));
  if (!IsSame(there.public_key(), place.on_card)) return there;
  return keys.ReplaceSigningKey(place.path, token_label);
}

absl::StatusOr<ParticipantCard> ReadCard(const NodeLayout& layout) {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(layout.Card()));
  return ParseCard(text);
}

}  // namespace

absl::StatusOr<RotatedKey> RotateKey(const std::string& directory,
                                     const std::string& root_directory,
                                     OwnKey which) {
  const NodeLayout layout{directory};
  ASSIGN_OR_RETURN(const CertificatesLock lock, CertificatesLock::Take(layout));
  ASSIGN_OR_RETURN(ParticipantCard card, ReadCard(layout));
  ASSIGN_OR_RETURN(const SigningKey root_key,
                   ReadRootKey(root_directory, card.root));
  ASSIGN_OR_RETURN(const KeyFiles keys, OpenKeys(layout));
  const KeyPlace place = PlaceOf(layout, which, card);
  RETURN_IF_ERROR(KeepBefore(keys, place));
  ASSIGN_OR_RETURN(
      const SigningKey next,
      NextKey(keys, place,
              absl::StrCat(card.code.text(), " ",
                           which == OwnKey::kLog ? "log" : "witness", " ",
                           card.serial + 1)));
  place.past.insert(place.past.begin(), place.on_card);
  if (place.past.size() > kMostPastKeys) place.past.pop_back();
  place.on_card = next.public_key();
  ++card.serial;
  const std::string text = FormatCard(card, root_key);
  // Last: what comityd sees of this it sees whole.
  RETURN_IF_ERROR(WritePublicFile(layout.Card(), text));
  return RotatedKey{card.serial, CardFingerprint(text)};
}

absl::Status EndKeyBefore(const std::string& directory, OwnKey which) {
  const NodeLayout layout{directory};
  ASSIGN_OR_RETURN(const CertificatesLock lock, CertificatesLock::Take(layout));
  ASSIGN_OR_RETURN(ParticipantCard card, ReadCard(layout));
  ASSIGN_OR_RETURN(const KeyFiles keys, OpenKeys(layout));
  const KeyPlace place = PlaceOf(layout, which, card);
  ASSIGN_OR_RETURN(const std::optional<SigningKey> before,
                   keys.ReadSigningKeyIfThere(place.path_before));
  if (!before.has_value()) {
    return ReasonError(ErrorReason::kNotFound,
                       "no key is being replaced: there is none before");
  }
  const bool past = std::any_of(
      place.past.begin(), place.past.end(),
      [&](const VerifyKey& key) { return IsSame(key, before->public_key()); });
  if (!past) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the card does not name the key before as past: call "
                       "comity node rotate-key once more, without --finish");
  }
  std::error_code error;
  std::filesystem::remove(place.path_before, error);
  if (!error) return absl::OkStatus();
  return ReasonError(
      ErrorReason::kStoreUnavailable,
      absl::StrCat("cannot remove ", place.path_before, ": ", error.message()));
}

}  // namespace comity
