#include <array>

#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Admin = pb::AdminService;

absl::Status ShowCard(const std::string& directory, bool fingerprint_only) {
  ASSIGN_OR_RETURN(const std::string text,
                   ReadPublicFile(NodeLayout{directory}.Card()));
  if (fingerprint_only) {
    printf("%s\n", CardFingerprint(text).c_str());
  } else {
    printf("%s", text.c_str());
  }
  return absl::OkStatus();
}

absl::Status AddPartner(const std::string& file, std::string fingerprint,
                        CommandContext& context) {
  pb::AddPartnerRequest request;
  request.set_request_id(context.NewRequestId());
  ASSIGN_OR_RETURN(*request.mutable_card(), ReadPublicFile(file));
  ASSIGN_OR_RETURN(const ParticipantCard card, ParseCard(request.card()));
  if (fingerprint.empty()) {
    fprintf(stderr,
            "Card of %s. Ask its administrator, over another channel, to read "
            "out the fingerprint, and type it:\n> ",
            card.code.text().c_str());
    std::array<char, 256> line = {};
    if (fgets(line.data(), line.size(), stdin) == nullptr) {
      return ReasonError(ErrorReason::kFieldMissing,
                         "no fingerprint; give --fingerprint");
    }
    fingerprint = line.data();
    while (!fingerprint.empty() && fingerprint.back() <= ' ') {
      fingerprint.pop_back();
    }
  }
  request.set_fingerprint(fingerprint);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Admin, pb::AddPartnerResponse>(
                       &Admin::Stub::AddPartner, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("partner %s added (entry %s); its node may connect within 2 seconds\n",
         response.participant().c_str(), response.audit_entry_id().c_str());
  return absl::OkStatus();
}

absl::Status RemovePartner(const std::string& code, CommandContext& context) {
  pb::RemovePartnerRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_participant(code);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Admin, pb::RemovePartnerResponse>(
                       &Admin::Stub::RemovePartner, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("partner %s removed: its calls are refused from now on\n",
         code.c_str());
  return absl::OkStatus();
}

void PrintChecks(
    const google::protobuf::RepeatedPtrField<pb::StatusCheck>& checks) {
  std::vector<std::vector<std::string>> rows;
  for (const pb::StatusCheck& check : checks) {
    rows.push_back(
        {check.ok() ? "  ok" : "  NOT OK", check.subject(), check.detail()});
  }
  PrintTable(rows);
}

absl::Status ShowStatus(bool probe, CommandContext& context) {
  pb::GetStatusRequest request;
  request.set_probe(probe);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Admin, pb::GetStatusResponse>(
                       &Admin::Stub::GetStatus, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("%s  %s\n", response.participant().c_str(),
         response.fingerprint().c_str());
  PrintChecks(response.checks());
  for (const pb::PartnerStatus& partner : response.partners()) {
    printf("%s  %u event(s) wait for its receipt\n",
           partner.participant().c_str(), partner.outbox());
    PrintChecks(partner.checks());
  }
  return absl::OkStatus();
}

absl::Status ListPartners(CommandContext& context) {
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Admin, pb::GetStatusResponse>(
                       &Admin::Stub::GetStatus, pb::GetStatusRequest())));
  if (context.PrintedJson(response)) return absl::OkStatus();
  for (const pb::PartnerStatus& partner : response.partners()) {
    printf("%s\n", partner.participant().c_str());
  }
  return absl::OkStatus();
}

}  // namespace

void AddPartnerCommands(CLI::App& app, CommandContext& context) {
  CLI::App* partner = app.add_subcommand("partner", "Partners and their cards");
  partner->require_subcommand(1);
  auto directory = std::make_shared<std::string>();
  auto only = std::make_shared<bool>(false);
  CLI::App* card =
      AddVerb(*partner, "card", "Show the own participant card",
              "  comity partner card --dir ng > ng.card\n"
              "  comity partner card --dir ng --fingerprint",
              [directory, only] { return ShowCard(*directory, *only); });
  card->add_option("--dir", *directory, "The node's directory")->required();
  card->add_flag("--fingerprint", *only, "Only the fingerprint");

  auto file = std::make_shared<std::string>();
  auto fingerprint = std::make_shared<std::string>();
  CLI::App* add =
      AddVerb(*partner, "add", "Add or renew a partner from its card",
              "  comity partner add ne.card --fingerprint 3f9a02c1-...\n"
              "The node's listener reads new anchors once a second: a partner "
              "that calls\nearlier is refused once and calls again.",
              [file, fingerprint, &context] {
                return AddPartner(*file, *fingerprint, context);
              });
  add->add_option("card", *file, "The card's file")->required();
  add->add_option("--fingerprint", *fingerprint,
                  "As the partner's administrator read it out");

  auto code = std::make_shared<std::string>();
  CLI::App* remove = AddVerb(
      *partner, "remove", "Remove a partner", "  comity partner remove NE",
      [code, &context] { return RemovePartner(*code, context); });
  remove->add_option("code", *code, "Participant code")->required();
  AddVerb(*partner, "list", "List the partners", "  comity partner list",
          [&context] { return ListPartners(context); });

  auto probe = std::make_shared<bool>(false);
  CLI::App* status = AddVerb(app, "status", "Say what works and what does not",
                             "  comity status --probe", [probe, &context] {
                               return ShowStatus(*probe, context);
                             });
  status->add_flag("--probe", *probe, "Ask each partner for a handshake now");
}

}  // namespace comity
