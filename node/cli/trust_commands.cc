#include "node/cli/trust_commands.h"

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "node/cli/node_keys.h"
#include "node/cli/node_root.h"
#include "node/cli/node_trust.h"
#include "node/identity/key_passphrase.h"

namespace comity {
namespace {

struct TrustOptions {
  std::string directory;
  std::string root_directory;
  std::string certificate;
};

absl::Status RunRevoke(const TrustOptions& options, CommandContext& context) {
  ASSIGN_OR_RETURN(
      const IssuedCertificate revoked,
      RevokeCertificate(options.directory, options.certificate, absl::Now()));
  if (context.PrintedJson(
          {{"name", revoked.name},
           {"serial", revoked.serial},
           {"fingerprint", absl::BytesToHexString(revoked.fingerprint)}})) {
    return absl::OkStatus();
  }
  printf("certificate %s of %s revoked\n", revoked.serial.c_str(),
         revoked.name.c_str());
  return absl::OkStatus();
}

absl::Status RunRenewCa(TrustOptions options, CommandContext& context) {
  if (options.root_directory.empty()) {
    options.root_directory = options.directory + "-root";
  }
  ASSIGN_OR_RETURN(const RenewedIssuing renewed,
                   RenewIssuing(options.directory, options.root_directory,
                                absl::Now(), context.random()));
  if (context.PrintedJson({{"not_after", absl::FormatTime(renewed.until)},
                           {"card", absl::StrCat(renewed.card)},
                           {"fingerprint", renewed.fingerprint},
                           {"ended_serial", renewed.ended_serial}})) {
    return absl::OkStatus();
  }
  printf("issuing CA of %s renewed until %s\n", options.directory.c_str(),
         TimeText(renewed.until).c_str());
  printf("card %u, fingerprint %s\n", renewed.card,
         renewed.fingerprint.c_str());
  if (context.quiet) return absl::OkStatus();
  fprintf(stderr,
          "Now comity node renew, and comity operator renew for each person. "
          "The CA before is number %s: when all are renewed, comity node "
          "revoke ends it.\n",
          renewed.ended_serial.c_str());
  return absl::OkStatus();
}

void AddRevokeVerb(CLI::App& node, CommandContext& context) {
  auto options = std::make_shared<TrustOptions>();
  CLI::App* verb = AddVerb(
      node, "revoke",
      "Revoke one certificate that was issued here, at this node within a "
      "second and at partners within a minute",
      "  comity node revoke 3f9a02c1d4e5f60718293a4b5c6d7e8f --dir ng\n"
      "certs/issued.txt lists serial numbers, fingerprints and names. The "
      "node's own certificate\nis renewed first (comity node renew), an "
      "issuing "
      "CA too (comity node renew-ca); then the\none before is revoked. Whole "
      "persons are revoked by comity operator revoke.",
      [options, &context] { return RunRevoke(*options, context); });
  verb->add_option("certificate", options->certificate,
                   "Its serial number or fingerprint in hex, or its PEM file")
      ->required();
  verb->add_option("--dir", options->directory, "The node's directory")
      ->required();
}

void AddRenewCaVerb(CLI::App& node, CommandContext& context) {
  auto options = std::make_shared<TrustOptions>();
  CLI::App* verb = AddVerb(
      node, "renew-ca",
      "Make another issuing CA under the same root, while the node serves",
      "  comity node renew-ca --dir ng --root-dir /media/stick/ng-root\n"
      "The root key is needed for it and may go offline again. comityd tells "
      "partners of the\nnew CA and card by itself; what the CA before issued "
      "is "
      "admitted until it ends.",
      [options, &context] { return RunRenewCa(*options, context); });
  verb->add_option("--dir", options->directory, "The node's directory")
      ->required();
  verb->add_option("--root-dir", options->root_directory,
                   "Where the root key and its passphrase are (DIR-root)");
}

struct RotateOptions {
  std::string directory;
  std::string root_directory;
  std::string key;
  bool finish = false;
  std::string token;
  std::string token_module;
  std::string pin_file;
  bool to_file = false;
};

KeyTarget TargetOf(const RotateOptions& options) {
  if (options.to_file) return {KeyTarget::Place::kFile, "", ""};
  if (options.token.empty()) return {};
  return {KeyTarget::Place::kToken, options.token_module, options.token};
}

// None: as comityd gets it.
absl::StatusOr<std::shared_ptr<TokenPin>> PinOf(const RotateOptions& options) {
  if (options.pin_file.empty()) return nullptr;
  ASSIGN_OR_RETURN(SecretBytes pin, ReadTokenPin(options.pin_file));
  return std::make_shared<TokenPin>(std::move(pin));
}

void TellOfBothKeys(const RotateOptions& options) {
  if (!options.token.empty()) {
    fprintf(stderr,
            "comityd needs the token's PIN from now on: LoadCredential=%s:FILE "
            "in its unit, or token_pin_file in comityd.conf. If it was started "
            "without, restart it: until then it signs with the key before.\n",
            kPinCredential);
  }
  fprintf(stderr,
          "Both keys sign now. When all partners show this fingerprint, comity "
          "node rotate-key %s --finish --dir %s ends the one before.\n",
          options.key.c_str(), options.directory.c_str());
}

absl::Status RunRotate(RotateOptions options, CommandContext& context) {
  const OwnKey which = options.key == "log" ? OwnKey::kLog : OwnKey::kWitness;
  if (options.finish) {
    RETURN_IF_ERROR(EndKeyBefore(options.directory, which));
    if (context.PrintedJson({{"key", options.key}, {"finished", "yes"}})) {
      return absl::OkStatus();
    }
    printf("the %s key before signs no more, and its file is gone\n",
           options.key.c_str());
    return absl::OkStatus();
  }
  if (options.root_directory.empty()) {
    options.root_directory = options.directory + "-root";
  }
  ASSIGN_OR_RETURN(auto pin, PinOf(options));
  ASSIGN_OR_RETURN(const RotatedKey rotated,
                   RotateKey(options.directory, options.root_directory, which,
                             TargetOf(options), std::move(pin)));
  if (context.PrintedJson({{"key", options.key},
                           {"card", absl::StrCat(rotated.card)},
                           {"fingerprint", rotated.fingerprint}})) {
    return absl::OkStatus();
  }
  printf("%s key of %s replaced\ncard %u, fingerprint %s\n",
         options.key.c_str(), options.directory.c_str(), rotated.card,
         rotated.fingerprint.c_str());
  if (!context.quiet) TellOfBothKeys(options);
  return absl::OkStatus();
}

// Where the new key is to be, if elsewhere than the one before.
void AddTargetOptions(CLI::App& verb, RotateOptions& options,
                      CLI::Option* finish) {
  CLI::Option* token =
      verb.add_option("--token", options.token,
                      "Label of a token (PKCS#11) that is to make the new key "
                      "and keep it")
          ->excludes(finish);
  token->needs(verb.add_option("--token-module", options.token_module,
                               "The token's library, a path from the root")
                   ->needs(token));
  verb.add_option("--token-pin-file", options.pin_file,
                  "Holds its PIN, one line; mode 0600. Without it, it is got "
                  "as comityd gets it")
      ->excludes(finish);
  verb.add_flag("--to-file", options.to_file,
                "Make the new key in a file, if the one before is in a token")
      ->excludes(finish)
      ->excludes(token);
}

void AddRotateKeyVerb(CLI::App& node, CommandContext& context) {
  auto options = std::make_shared<RotateOptions>();
  CLI::App* verb = AddVerb(
      node, "rotate-key",
      "Replace the log key or the witness key, while the node serves",
      "  comity node rotate-key log --dir ng --root-dir /media/stick/ng-root\n"
      "  comity node rotate-key log --finish --dir ng\n"
      "  comity node rotate-key log --dir ng --token comity "
      "--token-module /usr/lib/softhsm/libsofthsm2.so\n"
      "The root key is needed for the new card. Until --finish both keys sign; "
      "partners take\nthe card by themselves, and what the key before signed "
      "stays evidence.",
      [options, &context] { return RunRotate(*options, context); });
  verb->add_option("key", options->key, "log or witness")
      ->required()
      ->check(CLI::IsMember({"log", "witness"}));
  verb->add_option("--dir", options->directory, "The node's directory")
      ->required();
  verb->add_option("--root-dir", options->root_directory,
                   "Where the root key and its passphrase are (DIR-root)");
  CLI::Option* finish =
      verb->add_flag("--finish", options->finish,
                     "Destroy the key before; when all partners have the card");
  AddTargetOptions(*verb, *options, finish);
}

struct RotateRootOptions {
  std::string directory;
  RootDirectories roots;
  bool lost = false;
  bool finish = false;
};

absl::Status RunEndRoot(const RotateRootOptions& options,
                        CommandContext& context) {
  ASSIGN_OR_RETURN(
      const RotatedRoot ended,
      EndRootBefore(options.directory, options.roots.next, absl::Now()));
  if (context.PrintedJson({{"card", absl::StrCat(ended.card)},
                           {"fingerprint", ended.fingerprint},
                           {"finished", "yes"}})) {
    return absl::OkStatus();
  }
  printf("the root before is trusted no more\ncard %u, fingerprint %s\n",
         ended.card, ended.fingerprint.c_str());
  if (context.quiet) return absl::OkStatus();
  fprintf(stderr,
          "Destroy the key of the root before. A partner that did not take the "
          "card before this one has to be added anew: comity partner remove, "
          "and partner add with the fingerprint.\n");
  return absl::OkStatus();
}

absl::Status RunRotateRoot(RotateRootOptions options, CommandContext& context) {
  if (options.finish) return RunEndRoot(options, context);
  if (options.lost) {
    options.roots.before.clear();
  } else if (options.roots.before.empty()) {
    options.roots.before = options.directory + "-root";
  }
  ASSIGN_OR_RETURN(const RotatedRoot rotated,
                   RotateRoot(options.directory, options.roots, absl::Now(),
                              context.random()));
  if (context.PrintedJson({{"not_after", absl::FormatTime(rotated.until)},
                           {"card", absl::StrCat(rotated.card)},
                           {"fingerprint", rotated.fingerprint},
                           {"ended_serial", rotated.ended_serial}})) {
    return absl::OkStatus();
  }
  printf("root of %s replaced until %s\ncard %u, fingerprint %s\n",
         options.directory.c_str(), TimeText(rotated.until).c_str(),
         rotated.card, rotated.fingerprint.c_str());
  if (context.quiet) return absl::OkStatus();
  if (options.lost) {
    fprintf(stderr,
            "Take %s offline. Now comity node renew, and comity operator renew "
            "for each person: what the lost root's CA issued is refused here. "
            "Partners refuse the node until they removed it and added this "
            "card, comparing the fingerprint.\n",
            options.roots.next.c_str());
    return absl::OkStatus();
  }
  fprintf(stderr,
          "Take %s offline. Now comity node renew, and comity operator renew "
          "for each person. Both roots are trusted until, when all partners "
          "show this fingerprint, comity node rotate-root --finish --dir %s "
          "--new-root-dir %s ends the one before.\n",
          options.roots.next.c_str(), options.directory.c_str(),
          options.roots.next.c_str());
  return absl::OkStatus();
}

void AddRotateRootVerb(CLI::App& node, CommandContext& context) {
  auto options = std::make_shared<RotateRootOptions>();
  CLI::App* verb = AddVerb(
      node, "rotate-root",
      "Replace the root key and the issuing CA, while the node serves",
      "  comity node rotate-root --dir ng --root-dir /media/old/ng-root "
      "--new-root-dir /media/new/ng-root\n"
      "  comity node rotate-root --finish --dir ng "
      "--new-root-dir /media/new/ng-root\n"
      "The old root signs that the new one follows, so partners take the card "
      "by themselves.\nUntil --finish both are trusted. With --root-lost, "
      "without the old key, nobody follows:\ncalls fail until each partner "
      "removed the participant and added it by its fingerprint.",
      [options, &context] { return RunRotateRoot(*options, context); });
  verb->add_option("--dir", options->directory, "The node's directory")
      ->required();
  verb->add_option("--root-dir", options->roots.before,
                   "Where the root key and its passphrase are (DIR-root)");
  verb->add_option("--new-root-dir", options->roots.next,
                   "Where the new ones are written to, or with --finish are")
      ->required();
  verb->add_flag("--root-lost", options->lost,
                 "The old key is lost: partners compare the card anew");
  verb->add_flag("--finish", options->finish,
                 "End the root before; when all partners have the card");
}

}  // namespace

void AddTrustVerbs(CLI::App& node, CommandContext& context) {
  AddRevokeVerb(node, context);
  AddRenewCaVerb(node, context);
  AddRotateKeyVerb(node, context);
  AddRotateRootVerb(node, context);
}

}  // namespace comity
