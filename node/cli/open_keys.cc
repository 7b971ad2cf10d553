#include "node/cli/open_keys.h"

#include <utility>

#include "node/base/status_macros.h"
#include "node/identity/key_passphrase.h"
#include "node/identity/private_file.h"
#include "node/wire/config_file.h"

namespace comity {
namespace {

absl::StatusOr<NodeConfig> ReadConfig(const NodeLayout& layout) {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(layout.Config()));
  return ParseConfig(text);
}

}  // namespace

absl::StatusOr<KeyFiles> OpenKeys(const NodeLayout& layout) {
  ASSIGN_OR_RETURN(const NodeConfig config, ReadConfig(layout));
  return KeyFiles::Open(layout, config.key_passphrase_file,
                        config.token_pin_file);
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
  return KeyFiles(layout, std::move(passphrase)).ProtectAll(random);
}

}  // namespace comity
