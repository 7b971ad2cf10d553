#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/node_init.h"

namespace comity {
namespace {

absl::Status RunInit(InitOptions options, CommandContext& context) {
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

}  // namespace

void AddNodeCommands(CLI::App& app, CommandContext& context) {
  CLI::App* node = app.add_subcommand("node", "Make a node");
  node->require_subcommand(1);
  auto init = std::make_shared<InitOptions>();
  init->organisation = "COORDINATION";
  CLI::App* verb = AddVerb(
      *node, "init", "Make keys, certificates, configuration and card",
      "  comity node init --participant NG --name Nigeria --dir ng\n"
      "  comity node init --participant ECOWAS --dir ecowas --commission",
      [init, &context] { return RunInit(*init, context); });
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

  CLI::App* people = app.add_subcommand("operator", "Admit people");
  people->require_subcommand(1);
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
