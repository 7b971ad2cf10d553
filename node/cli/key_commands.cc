#include "node/cli/key_commands.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "node/cli/own_keys.h"
#include "node/identity/key_passphrase.h"

namespace comity {
namespace {

struct ProtectOptions {
  std::string directory;
  std::string passphrase_file;
};

constexpr const char* kPassphraseFile =
    "Holds the passphrase, one line of 12 bytes or more; mode 0600. Without it "
    "you are asked";

absl::Status RunProtect(const ProtectOptions& options,
                        CommandContext& context) {
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
      "Each file is replaced at once, and what was cut off is ended by another "
      "run. Commands that\nneed a key ask for the passphrase, unless "
      "key_passphrase_file in comityd.conf says where it is.",
      [options, &context] { return RunProtect(*options, context); });
  verb->add_option("--dir", options->directory, "The node's directory")
      ->required();
  verb->add_option("--passphrase-file", options->passphrase_file,
                   kPassphraseFile);
}

}  // namespace comity
