#include "node/cli/open_keys.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/issued_certificates.h"
#include "node/identity/key_passphrase.h"
#include "node/identity/private_file.h"
#include "node/wire/config_file.h"

namespace comity {
namespace {

absl::StatusOr<NodeConfig> ReadConfig(const NodeLayout& layout) {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(layout.Config()));
  return ParseConfig(text);
}

// Those under the passphrase in `file`, or in the one that the node's
// configuration names.
absl::StatusOr<KeyFiles> KeysUnder(const NodeLayout& layout,
                                   const NodeConfig& config,
                                   const std::string& file) {
  ASSIGN_OR_RETURN(SecretBytes passphrase,
                   file.empty() ? FindKeyPassphrase(config.key_passphrase_file,
                                                    layout.directory)
                                : ReadKeyPassphrase(file));
  return KeyFiles(layout,
                  std::make_shared<const SecretBytes>(std::move(passphrase)));
}

}  // namespace

absl::StatusOr<KeyFiles> OpenKeys(const NodeLayout& layout) {
  ASSIGN_OR_RETURN(const NodeConfig config, ReadConfig(layout));
  return KeyFiles::Open(layout, config.key_passphrase_file,
                        config.token_pin_file);
}

absl::Status CheckKeysStand(const KeyFiles& keys) {
  const NodeLayout& layout = keys.layout();
  // A node that is being made: what is there a run that was cut off left.
  if (ReasonOf(ReadPublicFile(layout.Config()).status()) ==
      ErrorReason::kNotFound) {
    return absl::OkStatus();
  }
  // A directory that only issues need not have it.
  const absl::Status opens = keys.ReadSecret(layout.StoreKey()).status();
  if ((opens.ok() || ReasonOf(opens) == ErrorReason::kNotFound) &&
      keys.has_passphrase() == keys.AnyProtected()) {
    return absl::OkStatus();
  }
  return ReasonError(
      ErrorReason::kVersionConflict,
      "the keys are not all as this command found them: another one changes "
      "their passphrase, or was cut off, and comity node protect-keys --change "
      "ends it; no key was written");
}

absl::StatusOr<std::shared_ptr<const SecretBytes>> NewKeyPassphrase(
    const std::string& file) {
  ASSIGN_OR_RETURN(SecretBytes passphrase, file.empty()
                                               ? AskNewKeyPassphrase()
                                               : ReadKeyPassphrase(file));
  return std::make_shared<const SecretBytes>(std::move(passphrase));
}

absl::StatusOr<size_t> ProtectKeys(
    const std::string& directory, std::shared_ptr<const SecretBytes> passphrase,
    RandomSource& random) {
  const NodeLayout layout{directory};
  // A directory that holds no node says so.
  RETURN_IF_ERROR(ReadConfig(layout).status());
  ASSIGN_OR_RETURN(const CertificatesLock lock, CertificatesLock::Take(layout));
  return KeyFiles(layout, std::move(passphrase)).ProtectAll(random);
}

absl::StatusOr<size_t> ChangeKeyPassphrase(const std::string& directory,
                                           const PassphraseFiles& files,
                                           RandomSource& random) {
  const NodeLayout layout{directory};
  ASSIGN_OR_RETURN(const NodeConfig config, ReadConfig(layout));
  if (!KeyFiles(layout).AnyProtected()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat("no key of ", directory,
                                    " is protected: comity node protect-keys "
                                    "without --change"));
  }
  ASSIGN_OR_RETURN(const KeyFiles before,
                   KeysUnder(layout, config, files.before));
  ASSIGN_OR_RETURN(const auto passphrase, NewKeyPassphrase(files.next));
  const KeyFiles next(layout, passphrase);
  if (before.HasSamePassphrase(next)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the new passphrase is the one until now; nothing was "
                       "changed");
  }
  ASSIGN_OR_RETURN(const CertificatesLock lock, CertificatesLock::Take(layout));
  return next.TakeOver(before, random);
}

absl::StatusOr<size_t> UnprotectKeys(const std::string& directory,
                                     const std::string& passphrase_file,
                                     RandomSource& random) {
  const NodeLayout layout{directory};
  ASSIGN_OR_RETURN(const NodeConfig config, ReadConfig(layout));
  const KeyFiles clear(layout);
  if (!clear.AnyProtected()) return 0;
  ASSIGN_OR_RETURN(const KeyFiles before,
                   KeysUnder(layout, config, passphrase_file));
  ASSIGN_OR_RETURN(const CertificatesLock lock, CertificatesLock::Take(layout));
  return clear.TakeOver(before, random);
}

}  // namespace comity
