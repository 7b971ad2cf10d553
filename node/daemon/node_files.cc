#include "node/daemon/node_files.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hpke.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"

namespace comity {
namespace {

// The private half of the bundle key that the own card names.
absl::StatusOr<SecretBytes> ReadBundleKey(const KeyFiles& keys,
                                          const ParticipantCard& card) {
  if (card.bundle_key.empty()) return SecretBytes();
  ASSIGN_OR_RETURN(SecretBytes key, keys.ReadSecret(keys.layout().BundleKey()));
  if (key.size() != kHpkeKeySize || HpkePublicKey(key) != card.bundle_key) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "keys/bundle.key is not the bundle key of the own card");
  }
  return key;
}

// What partners were told on the card must be what the node does.
absl::Status CheckWhoCalls(const NodeConfig& config,
                           const ParticipantCard& card) {
  if (config.outbound_only == card.CollectsMail()) return absl::OkStatus();
  return ReasonError(
      ErrorReason::kFieldInvalid,
      config.outbound_only
          ? "comityd.conf says outbound_only and card.txt names an address, "
            "where partners would call in vain; the root signs another card "
            "first"
          : "card.txt names no address, so nobody would call this node, and "
            "comityd.conf does not say outbound_only");
}

}  // namespace

absl::StatusOr<NodeFiles> ReadNodeFiles(const std::string& directory) {
  const NodeLayout layout{directory};
  ASSIGN_OR_RETURN(const std::string config_text,
                   ReadPublicFile(layout.Config()));
  ASSIGN_OR_RETURN(NodeConfig config, ParseConfig(config_text));
  ASSIGN_OR_RETURN(std::string card_text, ReadPublicFile(layout.Card()));
  ASSIGN_OR_RETURN(ParticipantCard card, ParseCard(card_text));
  if (card.code.text() != config.participant) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the configuration and the card name two participants");
  }
  RETURN_IF_ERROR(CheckWhoCalls(config, card));
  ASSIGN_OR_RETURN(KeyFiles key_files,
                   KeyFiles::Open(layout, config.key_passphrase_file,
                                  config.token_pin_file));
  ASSIGN_OR_RETURN(OwnKeys keys, ReadOwnKeys(key_files, card));
  ASSIGN_OR_RETURN(SecretBytes store_key,
                   key_files.ReadSecret(layout.StoreKey()));
  if (store_key.size() != 32) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the store key file must hold 32 bytes");
  }
  ASSIGN_OR_RETURN(SecretBytes bundle_key, ReadBundleKey(key_files, card));
  return NodeFiles{layout,
                   std::move(config),
                   std::move(card_text),
                   std::move(card),
                   std::move(keys),
                   std::move(store_key),
                   std::move(bundle_key),
                   std::move(key_files)};
}

}  // namespace comity
