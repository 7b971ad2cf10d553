#pragma once

#include <functional>

#include "absl/status/status.h"
#include "node/base/status_macros.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/config_file.h"
#include "tests/support/test_participant.h"

namespace comity {

// Changes a node's configuration file; it is read at the next start.
inline absl::Status ChangeConfig(
    const TestParticipant& node,
    const std::function<void(NodeConfig&)>& change) {
  const std::string path = NodeLayout{node.directory()}.Config();
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(path));
  ASSIGN_OR_RETURN(NodeConfig config, ParseConfig(text));
  change(config);
  return WritePublicFile(path, FormatConfig(config));
}

}  // namespace comity
