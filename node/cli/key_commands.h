#pragma once

#include <string>

#include "node/cli/command.h"

namespace comity {

// What --protect-keys and --passphrase-file of `comity node init` were given.
struct KeyProtection {
  bool wanted = false;
  std::string passphrase_file;  // empty: asked at the terminal
};

void AddProtectionOptions(CLI::App& verb, KeyProtection& protection);

// What a person is to do once keys are protected, unless -q; to stderr.
void TellHowKeysAreUnlocked(const CommandContext& context);

// `comity node protect-keys`.
void AddProtectVerb(CLI::App& node, CommandContext& context);

}  // namespace comity
