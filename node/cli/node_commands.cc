#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/issued_certificates.h"
#include "node/cli/key_commands.h"
#include "node/cli/node_init.h"
#include "node/cli/node_reach.h"
#include "node/cli/trust_commands.h"
#include "node/identity/node_layout.h"

namespace comity {
namespace {

absl::Status RunInit(InitOptions options, const KeyProtection& protection,
                     CommandContext& context) {
  RETURN_IF_ERROR(TakeProtection(protection, options));
  if (options.root_directory.empty()) {
    options.root_directory = options.directory + "-root";
  }
  ASSIGN_OR_RETURN(const std::string fingerprint,
                   InitNode(options, absl::Now(), context.random()));
  if (context.PrintedJson({{"participant", options.participant},
                           {"directory", options.directory},
                           {"fingerprint", fingerprint},
                           {"root_directory", options.root_directory}})) {
    return absl::OkStatus();
  }
  printf("node %s made in %s\n", options.participant.c_str(),
         options.directory.c_str());
  printf("fingerprint %s\n", fingerprint.c_str());
  printf("administrators %s/operators/admin-1 and admin-2\n",
         options.directory.c_str());
  if (context.quiet) return absl::OkStatus();
  fprintf(
      stderr,
      "The root key and its passphrase are in %s. Move them apart, offline; "
      "the node never needs them.\n",
      options.root_directory.c_str());
  if (protection.wanted) TellHowKeysAreUnlocked(context);
  return absl::OkStatus();
}

struct OperatorOptions {
  std::string directory;
  std::string organisation;
  std::string role;
  std::string person;
};

absl::Status RunAddOperator(const OperatorOptions& options,
                            CommandContext& context) {
  const Role role = FromName<Role>(options.role);
  ASSIGN_OR_RETURN(const std::string profile,
                   AddOperator(options.directory, options.organisation, role,
                               options.person, absl::Now(), context.random()));
  if (context.PrintedJson({{"profile", profile}})) return absl::OkStatus();
  printf("profile %s\n", profile.c_str());
  return absl::OkStatus();
}

struct RenewalOptions {
  std::string directory;
  std::string person;
};

absl::Status RunRenewNode(const RenewalOptions& options,
                          CommandContext& context) {
  ASSIGN_OR_RETURN(const absl::Time ends,
                   RenewNode(options.directory, absl::Now(), context.random()));
  if (context.PrintedJson({{"not_after", absl::FormatTime(ends)}})) {
    return absl::OkStatus();
  }
  printf("TLS certificate of %s renewed until %s\n", options.directory.c_str(),
         TimeText(ends).c_str());
  return absl::OkStatus();
}

absl::Status RunRenewOperator(const RenewalOptions& options,
                              CommandContext& context) {
  ASSIGN_OR_RETURN(const absl::Time ends,
                   RenewOperator(options.directory, options.person, absl::Now(),
                                 context.random()));
  if (context.PrintedJson({{"person", options.person},
                           {"not_after", absl::FormatTime(ends)}})) {
    return absl::OkStatus();
  }
  printf("certificate of %s renewed until %s\n", options.person.c_str(),
         TimeText(ends).c_str());
  return absl::OkStatus();
}

absl::Status RunRevokeOperator(const RenewalOptions& options,
                               CommandContext& context) {
  RETURN_IF_ERROR(
      RevokeOperator(options.directory, options.person, absl::Now()));
  const NodeLayout layout{options.directory};
  ASSIGN_OR_RETURN(const bool listed, WasIssuedTo(layout, options.person));
  if (context.PrintedJson({{"operator", options.person},
                           {"was_issued_here", listed ? "true" : "false"}})) {
    return absl::OkStatus();
  }
  printf("certificates of %s revoked: calls with them are refused\n",
         options.person.c_str());
  if (listed) return absl::OkStatus();
  fprintf(stderr,
          "But %s lists no certificate of that name: see that it is spelt as "
          "the log names the person, or nobody was locked out.\n",
          layout.Issued().c_str());
  return absl::OkStatus();
}

void AddRevokeOperatorVerb(CLI::App& people, CommandContext& context) {
  auto options = std::make_shared<RenewalOptions>();
  CLI::App* verb = AddVerb(
      people, "revoke",
      "Revoke one person's certificates: calls are refused at once, open "
      "connections cut within a second",
      "  comity operator revoke NAPTIP/amina.b --dir ng\n"
      "Whoever is to have a new certificate afterwards gets it by comity "
      "operator renew.",
      [options, &context] { return RunRevokeOperator(*options, context); });
  verb->add_option("name", options->person,
                   "Organisation and person, as the log names them")
      ->required();
  verb->add_option("--dir", options->directory, "The node's directory")
      ->required();
}

void AddRenewNodeVerb(CLI::App& node, CommandContext& context) {
  auto options = std::make_shared<RenewalOptions>();
  CLI::App* verb =
      AddVerb(node, "renew",
              "Renew the node's TLS certificate, with a new key, while it "
              "serves",
              "  comity node renew --dir ng\n"
              "comityd takes it over within 3 seconds and ends no call for it; "
              "connections that are\nopen keep the one before for an hour at "
              "most.",
              [options, &context] { return RunRenewNode(*options, context); });
  verb->add_option("--dir", options->directory, "The node's directory")
      ->required();
}

void AddRenewOperatorVerb(CLI::App& people, CommandContext& context) {
  auto options = std::make_shared<RenewalOptions>();
  CLI::App* verb = AddVerb(
      people, "renew",
      "Renew one person's certificate, same name and role, with a new key",
      "  comity operator renew --dir ng --person amina.b",
      [options, &context] { return RunRenewOperator(*options, context); });
  verb->add_option("--dir", options->directory, "The node's directory")
      ->required();
  verb->add_option("--person", options->person,
                   "As named when the person was added")
      ->required();
}

constexpr const char* kInitExamples =
    "  comity node init --participant NG --name Nigeria --dir ng\n"
    "  comity node init --participant ECOWAS --dir ecowas --commission\n"
    "  comity node init --participant TD --dir td --outbound-only\n"
    "  comity node init --participant NG --dir ng --protect-keys\n"
    "  comity node init --participant NG --dir ng --token comity "
    "--token-module /usr/lib/softhsm/libsofthsm2.so\n"
    "An outbound-only node opens no port to partners and collects its mail "
    "from them, every\n30 seconds unless comityd.conf says otherwise.";

}  // namespace

void AddNodeCommands(CLI::App& app, CommandContext& context) {
  CLI::App* node = app.add_subcommand("node", "Make a node, renew its keys");
  node->require_subcommand(1);
  auto init = std::make_shared<InitOptions>();
  auto protection = std::make_shared<KeyProtection>();
  init->organisation = "COORDINATION";
  CLI::App* verb =
      AddVerb(*node, "init", "Make keys, certificates, configuration and card",
              kInitExamples, [init, protection, &context] {
                return RunInit(*init, *protection, context);
              });
  AddProtectionOptions(*verb, *protection);
  verb->add_option("--participant", init->participant,
                   "Code: 2 to 16 of A-Z 0-9 -")
      ->required();
  verb->add_option("--dir", init->directory, "The node's directory")
      ->required();
  verb->add_option("--name", init->name, "The participant's name");
  verb->add_option("--root-dir", init->root_directory,
                   "Where the offline root key goes (DIR-root)");
  verb->add_option("--organisation", init->organisation,
                   "Organisation of the two administrators");
  verb->add_flag("--commission", init->commission, "Holds no records");
  verb->add_flag("--outbound-only", init->outbound_only,
                 "No partner can call it: it collects its mail, and nobody can "
                 "ask it");

  AddRenewNodeVerb(*node, context);
  AddReachVerbs(*node, context);
  AddTrustVerbs(*node, context);
  AddProtectVerb(*node, context);
  AddUnprotectVerb(*node, context);

  CLI::App* people = app.add_subcommand("operator", "Admit people");
  people->require_subcommand(1);
  AddRenewOperatorVerb(*people, context);
  AddRevokeOperatorVerb(*people, context);
  auto add = std::make_shared<OperatorOptions>();
  CLI::App* add_verb = AddVerb(
      *people, "add", "Issue a certificate and profile to one person",
      "  comity operator add --dir ng --organisation NAPTIP --role COORDINATOR "
      "--person amina.b",
      [add, &context] { return RunAddOperator(*add, context); });
  add_verb->add_option("--dir", add->directory, "The node's directory")
      ->required();
  add_verb->add_option("--organisation", add->organisation, "Organisation")
      ->required();
  add_verb
      ->add_option("--role", add->role,
                   "CASE_WORKER, COORDINATOR, STATISTICIAN, AUDITOR, ADMIN, "
                   "COMMISSION, DATA_PROTECTION_OFFICER")
      ->required();
  add_verb->add_option("--person", add->person, "Name: a-z 0-9 . -")
      ->required();
}

}  // namespace comity
