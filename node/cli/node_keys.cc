#include "node/cli/node_keys.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/issued_certificates.h"
#include "node/cli/node_reading.h"
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

absl::Status NotOnCard(const std::string& path) {
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat(path, " does not hold the key that card.txt names"));
}

// Whether the key of the card is to be put beside: a call that was cut off may
// have done it.
absl::StatusOr<bool> BeforeIsMissing(const KeyFiles& keys,
                                     const KeyPlace& place) {
  ASSIGN_OR_RETURN(const std::optional<SigningKey> before,
                   keys.ReadSigningKeyIfThere(place.path_before));
  if (!before.has_value()) return true;
  if (before->public_key() == place.on_card) return false;
  return ReasonError(ErrorReason::kFieldInvalid,
                     "the key before this one signs still: when all partners "
                     "know the card, comity node rotate-key with --finish");
}

// The key that is not on the card: a new one, unless it is there, and where it
// is wanted. Its file is written last, when nothing can fail but the disk.
absl::StatusOr<VerifyKey> PutNext(const KeyFiles& keys, const KeyPlace& place,
                                  const std::string& token_label,
                                  const KeyTarget& target) {
  ASSIGN_OR_RETURN(const bool missing, BeforeIsMissing(keys, place));
  ASSIGN_OR_RETURN(const SigningKey there, keys.ReadSigningKey(place.path));
  if (there.public_key() != place.on_card) {
    if (missing) return NotOnCard(place.path);
    ASSIGN_OR_RETURN(const bool is_there, KeyFiles::IsAt(place.path, target));
    if (is_there) return there.public_key();
  }
  // As it is: in the clear, protected, or in a token.
  ASSIGN_OR_RETURN(const SecretBytes text, ReadPrivateFile(place.path));
  ASSIGN_OR_RETURN(const NewKey next,
                   keys.MakeReplacement(place.path, token_label, target));
  if (missing) {
    RETURN_IF_ERROR(WritePrivateFile(place.path_before, text.Expose()));
  }
  RETURN_IF_ERROR(WritePrivateFile(place.path, next.file.Expose()));
  return next.key.public_key();
}

}  // namespace

absl::StatusOr<RotatedKey> RotateKey(const std::string& directory,
                                     const std::string& root_directory,
                                     OwnKey which, const KeyTarget& target,
                                     std::shared_ptr<TokenPin> pin) {
  const NodeLayout layout{directory};
  ASSIGN_OR_RETURN(const CertificatesLock lock, CertificatesLock::Take(layout));
  ASSIGN_OR_RETURN(ParticipantCard card, ReadCard(layout.Card()));
  ASSIGN_OR_RETURN(const SigningKey root_key,
                   ReadRootKey(root_directory, card.root));
  ASSIGN_OR_RETURN(KeyFiles keys, OpenKeys(layout));
  if (pin != nullptr) keys = keys.WithPin(std::move(pin));
  const KeyPlace place = PlaceOf(layout, which, card);
  ASSIGN_OR_RETURN(
      const VerifyKey next,
      PutNext(keys, place,
              absl::StrCat(card.code.text(), " ",
                           which == OwnKey::kLog ? "log" : "witness", " ",
                           card.serial + 1),
              target));
  place.past.insert(place.past.begin(), place.on_card);
  if (place.past.size() > kMostPastKeys) place.past.pop_back();
  place.on_card = next;
  ++card.serial;
  const std::string text = FormatCard(card, root_key);
  // Last: what comityd sees of this it sees whole.
  RETURN_IF_ERROR(WritePublicFile(layout.Card(), text));
  return RotatedKey{card.serial, CardFingerprint(text)};
}

absl::Status EndKeyBefore(const std::string& directory, OwnKey which) {
  const NodeLayout layout{directory};
  ASSIGN_OR_RETURN(const CertificatesLock lock, CertificatesLock::Take(layout));
  ASSIGN_OR_RETURN(ParticipantCard card, ReadCard(layout.Card()));
  ASSIGN_OR_RETURN(const KeyFiles keys, OpenKeys(layout));
  const KeyPlace place = PlaceOf(layout, which, card);
  ASSIGN_OR_RETURN(const std::optional<SigningKey> before,
                   keys.ReadSigningKeyIfThere(place.path_before));
  if (!before.has_value()) {
    return ReasonError(ErrorReason::kNotFound,
                       "no key is being replaced: there is none before");
  }
  const bool past = std::find(place.past.begin(), place.past.end(),
                              before->public_key()) != place.past.end();
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
