#include "node/cli/key_commands.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "node/cli/open_keys.h"
#include "node/identity/key_passphrase.h"

namespace comity {
namespace {

struct ProtectOptions {
  std::string directory;
  std::string passphrase_file;
  std::string old_passphrase_file;
  bool change = false;
};

constexpr const char* kPassphraseFile =
    "Holds the passphrase, one line of 12 bytes or more; mode 0600. Without it "
    "you are asked";

absl::Status RunChange(const ProtectOptions& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const size_t count,
                   ChangeKeyPassphrase(
                       options.directory,
                       {options.old_passphrase_file, options.passphrase_file},
                       context.random()));
  if (context.PrintedJson({{"directory", options.directory},
                           {"changed", absl::StrCat(count)}})) {
    return absl::OkStatus();
  }
  printf("%lu key file(s) of %s put under the new passphrase%s\n", count,
         options.directory.c_str(), count == 0 ? ": all were" : "");
  if (context.quiet) return absl::OkStatus();
  fprintf(stderr,
          "Give the new one to comityd (credential %s, or what "
          "key_passphrase_file in comityd.conf names), then restart it. Copies "
          "and backups of before open by the passphrase of before.\n",
          kKeyCredential);
  return absl::OkStatus();
}

absl::Status RunUnprotect(const ProtectOptions& options,
                          CommandContext& context) {
  ASSIGN_OR_RETURN(const size_t count,
                   UnprotectKeys(options.directory, options.passphrase_file,
                                 context.random()));
  if (context.PrintedJson({{"directory", options.directory},
                           {"unprotected", absl::StrCat(count)}})) {
    return absl::OkStatus();
  }
  printf("%lu key file(s) of %s put in the clear%s\n", count,
         options.directory.c_str(), count == 0 ? ": all were" : "");
  if (context.quiet) return absl::OkStatus();
  fprintf(stderr,
          "comityd needs no restart, and no passphrase from its next start on: "
          "take the credential %s out of its unit and key_passphrase_file out "
          "of comityd.conf. File permissions alone protect the keys now.\n",
          kKeyCredential);
  return absl::OkStatus();
}

absl::Status RunProtect(const ProtectOptions& options,
                        CommandContext& context) {
  if (options.change) return RunChange(options, context);
  ASSIGN_OR_RETURN(const auto passphrase,
                   NewKeyPassphrase(options.passphrase_file));
  ASSIGN_OR_RETURN(
      const size_t count,
      ProtectKeys(options.directory, passphrase, context.random()));
  if (context.PrintedJson({{"directory", options.directory},
                           {"protected", absl::StrCat(count)}})) {
    return absl::OkStatus();
  }
  printf("%lu key file(s) of %s protected%s\n", count,
         options.directory.c_str(),
         count == 0 ? ": all were, under this passphrase" : "");
  TellHowKeysAreUnlocked(context);
  if (context.quiet || count == 0) return absl::OkStatus();
  fprintf(stderr,
          "Restart comityd, or start it once: until then a copy of the TLS key "
          "is in %s/run. Copies and backups of before hold keys in the "
          "clear.\n",
          options.directory.c_str());
  return absl::OkStatus();
}

}  // namespace

void AddProtectionOptions(CLI::App& verb, KeyProtection& protection) {
  CLI::Option* wanted =
      verb.add_flag("--protect-keys", protection.wanted,
                    "Encrypt the key files under a passphrase");
  verb.add_option("--passphrase-file", protection.passphrase_file,
                  kPassphraseFile)
      ->needs(wanted);
  CLI::Option* token = verb.add_option(
      "--token", protection.token,
      "Label of a token that makes the log key and the witness key and keeps "
      "them (PKCS#11)");
  token->needs(verb.add_option("--token-module", protection.token_module,
                               "The token's library, a path from the root")
                   ->needs(token));
  verb.add_option(
          "--token-pin-file", protection.pin_file,
          "Holds its PIN, one line; mode 0600. Without it you are asked")
      ->needs(token);
}

absl::Status TakeProtection(const KeyProtection& protection,
                            InitOptions& options) {
  if (protection.wanted) {
    ASSIGN_OR_RETURN(options.key_passphrase,
                     NewKeyPassphrase(protection.passphrase_file));
  }
  if (protection.token.empty()) return absl::OkStatus();
  options.token = protection.token;
  options.token_module = protection.token_module;
  if (protection.pin_file.empty()) {
    options.token_pin = std::make_shared<TokenPin>("", options.directory);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(SecretBytes pin, ReadTokenPin(protection.pin_file));
  options.token_pin = std::make_shared<TokenPin>(std::move(pin));
  return absl::OkStatus();
}

void TellHowKeysAreUnlocked(const CommandContext& context) {
  if (context.quiet) return;
  fprintf(stderr,
          "comityd needs the passphrase at each start: LoadCredential=%s:FILE "
          "in its unit, key_passphrase_file in comityd.conf, or a person at a "
          "terminal. Keep it apart from backups: nothing opens the keys "
          "without it.\n",
          kKeyCredential);
}

void AddProtectVerb(CLI::App& node, CommandContext& context) {
  auto options = std::make_shared<ProtectOptions>();
  CLI::App* verb = AddVerb(
      node, "protect-keys",
      "Encrypt the key files of a node that exists under a passphrase",
      "  comity node protect-keys --dir ng\n"
      "  comity node protect-keys --dir ng --passphrase-file ng.pass\n"
      "  comity node protect-keys --change --dir ng\n"
      "Each file is replaced at once, and what was cut off is ended by another "
      "run. Commands that\nneed a key ask for the passphrase, unless "
      "key_passphrase_file in comityd.conf says where it is.",
      [options, &context] { return RunProtect(*options, context); });
  verb->add_option("--dir", options->directory, "The node's directory")
      ->required();
  verb->add_option("--passphrase-file", options->passphrase_file,
                   kPassphraseFile);
  CLI::Option* change =
      verb->add_flag("--change", options->change,
                     "Put them under another passphrase than until now");
  verb->add_option("--old-passphrase-file", options->old_passphrase_file,
                   "Holds the one until now. Without it, it is got as comityd "
                   "gets it")
      ->needs(change);
}

void AddUnprotectVerb(CLI::App& node, CommandContext& context) {
  auto options = std::make_shared<ProtectOptions>();
  CLI::App* verb = AddVerb(
      node, "unprotect-keys",
      "Put key files that are under a passphrase in the clear again",
      "  comity node unprotect-keys --dir ng\n"
      "Each file is replaced at once, and what was cut off is ended by another "
      "run. File\npermissions alone protect the keys then.",
      [options, &context] { return RunUnprotect(*options, context); });
  verb->add_option("--dir", options->directory, "The node's directory")
      ->required();
  verb->add_option("--passphrase-file", options->passphrase_file,
                   "Holds the passphrase. Without it, it is got as comityd "
                   "gets it");
}

}  // namespace comity
