#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "node/base/secret_bytes.h"
#include "node/identity/key_files.h"
#include "node/identity/node_layout.h"
#include "node/identity/own_keys.h"
#include "node/identity/participant_card.h"
#include "node/wire/config_file.h"

namespace comity {

// What is read from the node's directory before anything starts.
struct NodeFiles {
  NodeLayout layout;
  NodeConfig config;
  std::string card_text;
  ParticipantCard card;
  OwnKeys keys;
  SecretBytes store_key;
  SecretBytes bundle_key;  // empty if the card names none
  KeyFiles key_files;
};

// FIELD_INVALID and the like say which file is to blame, or which two do not
// fit.
absl::StatusOr<NodeFiles> ReadNodeFiles(const std::string& directory);

}  // namespace comity
