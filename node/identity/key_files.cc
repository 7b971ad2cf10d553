#include "node/identity/key_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "node/base/base64.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"
#include "node/crypto/passphrase_key.h"
#include "node/identity/key_passphrase.h"
#include "node/identity/private_file.h"
#include "node/identity/token_file.h"

namespace comity {
namespace {

constexpr absl::string_view kSealedPem = "-----BEGIN ENCRYPTED";
constexpr absl::string_view kSealedSecret = "comity protected key v1\n";
constexpr size_t kSaltSize = 16;

bool IsProtected(const SecretBytes& text) {
  return absl::StrContains(text.Expose(), kSealedPem) ||
         absl::StartsWith(text.Expose(), kSealedSecret);
}

// So that no sealed key is taken for another one.
std::string Belonging(const std::string& path) {
  return absl::StrCat(kSealedSecret,
                      std::filesystem::path(path).filename().string());
}

absl::Status DoesNotOpen(const std::string& path) {
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat("the passphrase is not the one of ", path,
                   ", or the file is damaged; nothing was changed"));
}

absl::Status OpensUnderNeither(const std::string& path) {
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat("neither the passphrase until now nor the new one is that "
                   "of ",
                   path, ", or the file is damaged; nothing was changed"));
}

std::string SealSecret(const std::string& path, const SecretBytes& secret,
                       const SecretBytes& passphrase, RandomSource& random) {
  const std::string salt = random.Bytes(kSaltSize);
  const std::string sealed = Seal(PassphraseKey(passphrase, salt),
                                  secret.Expose(), Belonging(path), random);
  return absl::StrCat(kSealedSecret, "salt: ", absl::Base64Escape(salt),
                      "\nsealed: ", absl::Base64Escape(sealed), "\n");
}

absl::StatusOr<SecretBytes> OpenSecret(const std::string& path,
                                       absl::string_view text,
                                       const SecretBytes& passphrase) {
  absl::ConsumePrefix(&text, kSealedSecret);
  std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  std::string salt;
  std::string sealed;
  if (lines.size() != 3 || !lines[2].empty() ||
      !absl::ConsumePrefix(lines.data(), "salt: ") ||
      !absl::ConsumePrefix(&lines[1], "sealed: ") ||
      !DecodeBase64(lines[0], &salt) || !DecodeBase64(lines[1], &sealed) ||
      salt.size() != kSaltSize) {
    return DoesNotOpen(path);
  }
  auto opened =
      comity::Open(PassphraseKey(passphrase, salt), sealed, Belonging(path));
  if (!opened.ok()) return DoesNotOpen(path);
  return SecretBytes(*std::move(opened));
}

// A card need not name a bundle key, and an issuing key may be kept elsewhere.
// Of what cannot be looked at reading tells.
std::vector<std::string> Present(std::vector<std::string> paths) {
  std::erase_if(paths, [](const std::string& path) {
    std::error_code error;
    return !std::filesystem::exists(path, error) && !error;
  });
  return paths;
}

}  // namespace

std::vector<std::string> KeyFiles::SigningPaths() const {
  return Present({layout_.LogKey(), layout_.LogKeyBefore(),
                  layout_.WitnessKey(), layout_.WitnessKeyBefore(),
                  layout_.TlsKey(), layout_.IssuingKey()});
}

std::vector<std::string> KeyFiles::SecretPaths() const {
  return Present({layout_.StoreKey(), layout_.BundleKey()});
}

absl::Status KeyFiles::CheckHasPassphrase(const std::string& path) const {
  if (passphrase_ != nullptr) return absl::OkStatus();
  return ReasonError(
      ErrorReason::kFieldMissing,
      absl::StrCat(path,
                   " is protected by a passphrase that this process was not "
                   "given at its start; restart it"));
}

absl::StatusOr<KeyFiles> KeyFiles::Open(const NodeLayout& layout,
                                        const std::string& passphrase_file,
                                        const std::string& pin_file) {
  const auto pin = std::make_shared<TokenPin>(pin_file, layout.directory);
  const KeyFiles clear(layout, nullptr, pin);
  const std::vector<std::string> signing = clear.SigningPaths();
  const std::vector<std::string> secrets = clear.SecretPaths();
  std::vector<std::string> all = signing;
  all.insert(all.end(), secrets.begin(), secrets.end());
  for (size_t i = 0; i < all.size(); ++i) {
    // What does not read is told to whoever needs it.
    const auto text = ReadPrivateFile(all[i]);
    if (!text.ok() || !IsProtected(*text)) continue;
    ASSIGN_OR_RETURN(SecretBytes passphrase,
                     FindKeyPassphrase(passphrase_file, layout.directory));
    KeyFiles keys(layout,
                  std::make_shared<const SecretBytes>(std::move(passphrase)),
                  pin);
    // One stands for all: whoever protects a key holds the passphrase against
    // those that are protected.
    RETURN_IF_ERROR(keys.CheckOpens(all[i], i >= signing.size()));
    return keys;
  }
  return clear;
}

absl::StatusOr<SigningKey> KeyFiles::ReadSigningKey(
    const std::string& path) const {
  ASSIGN_OR_RETURN(const SecretBytes text, ReadPrivateFile(path));
  if (IsTokenFile(text.Expose())) {
    ASSIGN_OR_RETURN(const TokenKeyPlace place, ParseTokenFile(text.Expose()));
    ASSIGN_OR_RETURN(const SecretBytes pin, PinFor(path));
    return OpenTokenKey(place, pin);
  }
  if (!IsProtected(text)) {
    return SigningKey::FromPem(text.Expose(), SecretBytes());
  }
  RETURN_IF_ERROR(CheckHasPassphrase(path));
  auto key = SigningKey::FromPem(text.Expose(), *passphrase_);
  if (!key.ok()) return DoesNotOpen(path);
  return key;
}

absl::StatusOr<std::optional<SigningKey>> KeyFiles::ReadSigningKeyIfThere(
    const std::string& path) const {
  if (ReasonOf(ReadPrivateFile(path).status()) == ErrorReason::kNotFound) {
    return std::optional<SigningKey>();
  }
  ASSIGN_OR_RETURN(SigningKey key, ReadSigningKey(path));
  return std::optional<SigningKey>(std::move(key));
}

absl::StatusOr<NewKey> KeyFiles::MakeReplacement(
    const std::string& path, const std::string& token_label,
    const KeyTarget& target) const {
  ASSIGN_OR_RETURN(const SecretBytes text, ReadPrivateFile(path));
  const bool stays = target.place == KeyTarget::Place::kSame;
  if (target.place == KeyTarget::Place::kFile ||
      (stays && !IsTokenFile(text.Expose()))) {
    SigningKey next = SigningKey::Generate(KeyAlgorithm::kEd25519);
    SecretBytes file = ToFile(next);
    return NewKey{std::move(next), std::move(file)};
  }
  TokenKeyPlace place{target.module, target.token, ""};
  if (stays) {
    ASSIGN_OR_RETURN(place, ParseTokenFile(text.Expose()));
  }
  place.key = token_label;
  const std::string file = FormatTokenFile(place);
  RETURN_IF_ERROR(ParseTokenFile(file).status());
  ASSIGN_OR_RETURN(const SecretBytes pin, PinFor(path));
  auto next = MakeTokenKey(place, pin);
  if (ReasonOf(next.status()) == ErrorReason::kAlreadyExists) {
    next = OpenTokenKey(place, pin);
  }
  RETURN_IF_ERROR(next.status());
  return NewKey{*std::move(next), SecretBytes(file)};
}

absl::StatusOr<bool> KeyFiles::IsAt(const std::string& path,
                                    const KeyTarget& target) {
  if (target.place == KeyTarget::Place::kSame) return true;
  ASSIGN_OR_RETURN(const SecretBytes text, ReadPrivateFile(path));
  const bool wants_token = target.place == KeyTarget::Place::kToken;
  if (IsTokenFile(text.Expose()) != wants_token) return false;
  if (!wants_token) return true;
  ASSIGN_OR_RETURN(const TokenKeyPlace place, ParseTokenFile(text.Expose()));
  return place.module == target.module && place.token == target.token;
}

absl::StatusOr<SecretBytes> KeyFiles::PinFor(const std::string& path) const {
  const bool signs_logs =
      path == layout_.LogKey() || path == layout_.LogKeyBefore() ||
      path == layout_.WitnessKey() || path == layout_.WitnessKeyBefore();
  if (signs_logs && pin_ != nullptr) return pin_->Get();
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat(path,
                   " says that its key is in a token, where the log "
                   "key and the witness key alone may be"));
}

absl::StatusOr<SecretBytes> KeyFiles::ReadSecret(
    const std::string& path) const {
  ASSIGN_OR_RETURN(SecretBytes text, ReadPrivateFile(path));
  if (!IsProtected(text)) return text;
  RETURN_IF_ERROR(CheckHasPassphrase(path));
  return OpenSecret(path, text.Expose(), *passphrase_);
}

absl::Status KeyFiles::CheckOpens(const std::string& path,
                                  bool is_secret) const {
  if (is_secret) return ReadSecret(path).status();
  return ReadSigningKey(path).status();
}

SecretBytes KeyFiles::ToFile(const SigningKey& key) const {
  const SecretBytes none;
  return key.ToPem(passphrase_ == nullptr ? none : *passphrase_);
}

absl::Status KeyFiles::WriteSigningKey(const std::string& path,
                                       const SigningKey& key) const {
  return WritePrivateFile(path, ToFile(key).Expose());
}

absl::Status KeyFiles::WriteSecret(const std::string& path,
                                   const SecretBytes& secret,
                                   RandomSource& random) const {
  if (passphrase_ == nullptr) return WritePrivateFile(path, secret.Expose());
  return WritePrivateFile(path, SealSecret(path, secret, *passphrase_, random));
}

template <typename Key>
absl::StatusOr<std::optional<Key>> KeyFiles::OpenForTaking(
    const std::string& path, const KeyFiles& before,
    absl::StatusOr<Key> (KeyFiles::*read)(const std::string&) const) const {
  ASSIGN_OR_RETURN(const SecretBytes text, ReadPrivateFile(path));
  if (IsTokenFile(text.Expose())) return std::optional<Key>();
  if (IsProtected(text) && before.has_passphrase()) {
    auto key = (before.*read)(path);
    if (key.ok()) return std::optional<Key>(*std::move(key));
    if (!has_passphrase()) return key.status();
  }
  auto own = (this->*read)(path);
  if (own.ok() && IsProtected(text) == has_passphrase()) {
    return std::optional<Key>();
  }
  if (own.ok()) return std::optional<Key>(*std::move(own));
  if (before.has_passphrase()) return OpensUnderNeither(path);
  return own.status();
}

absl::StatusOr<size_t> KeyFiles::TakeOver(const KeyFiles& before,
                                          RandomSource& random) const {
  // All are opened before the first is written.
  std::vector<std::pair<std::string, SigningKey>> signing;
  std::vector<std::pair<std::string, SecretBytes>> secrets;
  for (const std::string& path : SigningPaths()) {
    ASSIGN_OR_RETURN(
        std::optional<SigningKey> key,
        OpenForTaking<SigningKey>(path, before, &KeyFiles::ReadSigningKey));
    if (key.has_value()) signing.emplace_back(path, *std::move(key));
  }
  for (const std::string& path : SecretPaths()) {
    ASSIGN_OR_RETURN(
        std::optional<SecretBytes> secret,
        OpenForTaking<SecretBytes>(path, before, &KeyFiles::ReadSecret));
    if (secret.has_value()) secrets.emplace_back(path, *std::move(secret));
  }
  for (const auto& [path, key] : signing) {
    RETURN_IF_ERROR(WriteSigningKey(path, key));
  }
  for (const auto& [path, secret] : secrets) {
    RETURN_IF_ERROR(WriteSecret(path, secret, random));
  }
  return signing.size() + secrets.size();
}

absl::StatusOr<size_t> KeyFiles::ProtectAll(RandomSource& random) const {
  RETURN_IF_ERROR(CheckHasPassphrase(layout_.Keys()));
  return TakeOver(KeyFiles(layout_), random);
}

bool KeyFiles::AnyProtected() const {
  std::vector<std::string> all = SigningPaths();
  const std::vector<std::string> secrets = SecretPaths();
  all.insert(all.end(), secrets.begin(), secrets.end());
  return std::any_of(all.begin(), all.end(), [](const std::string& path) {
    const auto text = ReadPrivateFile(path);
    return text.ok() && IsProtected(*text);
  });
}

}  // namespace comity
