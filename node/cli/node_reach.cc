#include "node/cli/node_reach.h"

#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "node/wire/config_file.h"

namespace comity {
namespace {

// The configuration with its two lines replaced; what else people wrote stays.
absl::StatusOr<std::string> EditConfig(absl::string_view text,
                                       const std::string& address) {
  const std::string outbound =
      absl::StrCat("outbound_only: ", address.empty() ? "true" : "false");
  const std::string federation =
      absl::StrCat("federation_address: \"", address, "\"");
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  bool said = false;
  for (std::string& line : lines) {
    if (absl::StartsWith(line, "federation_address:")) line = federation;
    if (!absl::StartsWith(line, "outbound_only:")) continue;
    line = outbound;
    said = true;
  }
  std::string edited = absl::StrJoin(lines, "\n");
  if (!said) absl::StrAppend(&edited, outbound, "\n");
  ASSIGN_OR_RETURN(const NodeConfig config, ParseConfig(edited));
  if (config.federation_address == address &&
      config.outbound_only == address.empty()) {
    return edited;
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     "comityd.conf does not have federation_address and "
                     "outbound_only on lines of their own; change both by hand "
                     "and run this again");
}

// Host and port, as they stand on a card.
absl::Status CheckAddress(absl::string_view address) {
  const size_t colon = address.rfind(':');
  uint32_t port = 0;
  if (address.empty() ||
      (colon != absl::string_view::npos && colon > 0 &&
       absl::SimpleAtoi(address.substr(colon + 1), &port) && port > 0 &&
       port < 65536 &&
       address.find_first_of(" \t\n\"\\") == absl::string_view::npos)) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     "an address is HOST:PORT, such as td.example.org:4711");
}

absl::StatusOr<SigningKey> ReadRoot(const std::string& directory) {
  ASSIGN_OR_RETURN(const SecretBytes pem,
                   ReadPrivateFile(directory + "/root.pem"));
  ASSIGN_OR_RETURN(const SecretBytes passphrase,
                   ReadPrivateFile(directory + "/passphrase"));
  return SigningKey::FromPem(pem.Expose(), passphrase);
}

absl::Status Run(ReachOptions options, CommandContext& context) {
  if (options.root_directory.empty()) {
    options.root_directory = options.directory + "-root";
  }
  ASSIGN_OR_RETURN(const std::string fingerprint, ChangeReach(options));
  if (context.PrintedJson({{"directory", options.directory},
                           {"federation_address", options.address},
                           {"fingerprint", fingerprint}})) {
    return absl::OkStatus();
  }
  const NodeLayout layout{options.directory};
  printf("%s and %s changed: %s\n", layout.Config().c_str(),
         layout.Card().c_str(),
         options.address.empty()
             ? "the node collects its mail"
             : absl::StrCat("partners call ", options.address).c_str());
  printf("fingerprint %s\n", fingerprint.c_str());
  if (context.quiet) return absl::OkStatus();
  fprintf(stderr,
          "Restart comityd now; until then it goes on as before. Send the card "
          "to every partner, who takes it by comity partner add: %s\n",
          options.address.empty()
              ? "until then they call in vain, and their mail is collected all "
                "the same"
              : "until then they send nothing, for the old card says that it "
                "is collected");
  return absl::OkStatus();
}

CLI::App* AddReachVerb(CLI::App& node, const char* name, const char* what,
                       const char* example,
                       const std::shared_ptr<ReachOptions>& options,
                       CommandContext& context) {
  CLI::App* verb = AddVerb(node, name, what, example, [options, &context] {
    return Run(*options, context);
  });
  verb->add_option("--dir", options->directory, "The node's directory")
      ->required();
  verb->add_option("--root-dir", options->root_directory,
                   "Where the offline root key is (DIR-root)");
  return verb;
}

}  // namespace

absl::StatusOr<std::string> ChangeReach(const ReachOptions& options) {
  RETURN_IF_ERROR(CheckAddress(options.address));
  const NodeLayout layout{options.directory};
  ASSIGN_OR_RETURN(const std::string config_text,
                   ReadPublicFile(layout.Config()));
  ASSIGN_OR_RETURN(const std::string card_text, ReadPublicFile(layout.Card()));
  ASSIGN_OR_RETURN(ParticipantCard card, ParseCard(card_text));
  ASSIGN_OR_RETURN(const std::string edited,
                   EditConfig(config_text, options.address));
  std::vector<std::string> endpoints;
  if (!options.address.empty()) endpoints.push_back(options.address);
  if (edited == config_text && card.endpoints == endpoints) {
    return ReasonError(ErrorReason::kAlreadyExists,
                       "comityd.conf and card.txt say so already; restart "
                       "comityd if it does otherwise");
  }
  ASSIGN_OR_RETURN(const SigningKey root, ReadRoot(options.root_directory));
  const ParticipantCard before = card;
  card.endpoints = std::move(endpoints);
  ++card.serial;
  const std::string next = FormatCard(card, root);
  ASSIGN_OR_RETURN(const ParticipantCard checked, ParseCard(next));
  RETURN_IF_ERROR(CheckSuccessor(before, checked));
  // comityd does not start where the two differ, and this mends it.
  RETURN_IF_ERROR(WritePublicFile(layout.Card(), next));
  RETURN_IF_ERROR(WritePublicFile(layout.Config(), edited));
  return CardFingerprint(next);
}

void AddReachVerbs(CLI::App& node, CommandContext& context) {
  AddReachVerb(node, "outbound-only",
               "Make a node one that no partner can call: it collects its mail",
               "  comity node outbound-only --dir td\n"
               "It needs the root key once, for the card. Restart comityd "
               "afterwards.",
               std::make_shared<ReachOptions>(), context);
  const auto callable = std::make_shared<ReachOptions>();
  AddReachVerb(node, "callable",
               "Make a node one that partners call, or change where they do",
               "  comity node callable --dir td --address td.example.org:4711\n"
               "It needs the root key once, for the card. Restart comityd "
               "afterwards.",
               callable, context)
      ->add_option("--address", callable->address, "Host and port")
      ->required();
}

}  // namespace comity
