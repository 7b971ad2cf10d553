#pragma once

#include <string>

#include "node/cli/command.h"
#include "node/cli/node_init.h"

namespace comity {

// How `comity node init` is to keep keys. An empty file: asked at the terminal.
struct KeyProtection {
  bool wanted = false;  // a passphrase
  std::string passphrase_file;
  std::string token;  // empty: none
  std::string token_module;
  std::string pin_file;
};

void AddProtectionOptions(CLI::App& verb, KeyProtection& protection);

// Reads or asks what it takes.
absl::Status TakeProtection(const KeyProtection& protection,
                            InitOptions& options);

// What a person is to do once keys are protected, unless -q; to stderr.
void TellHowKeysAreUnlocked(const CommandContext& context);

// `comity node protect-keys` and `comity node unprotect-keys`.
void AddProtectVerb(CLI::App& node, CommandContext& context);
void AddUnprotectVerb(CLI::App& node, CommandContext& context);

}  // namespace comity
