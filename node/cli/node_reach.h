#pragma once

#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "node/cli/command.h"

namespace comity {

// How partners are to reach a node that exists.
struct ReachOptions {
  std::string directory;
  std::string root_directory;  // with the offline root key and its passphrase
  std::string address;  // where they call; empty: nowhere, it collects its mail
};

// Changes comityd.conf and signs a successor of the card that says so; comityd
// does it from its next start on. Nothing is written unless both hold. Returns
// the new card's fingerprint. ALREADY_EXISTS if it is so already, FIELD_INVALID
// for another participant's root or what is no address.
absl::StatusOr<std::string> ChangeReach(const ReachOptions& options);

// `comity node outbound-only` and `comity node callable`.
void AddReachVerbs(CLI::App& node, CommandContext& context);

}  // namespace comity
