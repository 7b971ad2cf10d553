#include "absl/strings/str_cat.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/display_name.h"
#include "node/cli/wording.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Admin = pb::AdminService;

absl::Status ShowCard(const std::string& directory, bool fingerprint_only,
                      CommandContext& context) {
  ASSIGN_OR_RETURN(const std::string text,
                   ReadPublicFile(NodeLayout{directory}.Card()));
  const std::string fingerprint = CardFingerprint(text);
  if (context.PrintedJson({{"fingerprint", fingerprint}, {"card", text}})) {
    return absl::OkStatus();
  }
  printf("%s", fingerprint_only ? (fingerprint + "\n").c_str() : text.c_str());
  return absl::OkStatus();
}

struct AddOptions {
  std::string file;
  std::string fingerprint;
  bool restored = false;
};

absl::Status AddPartner(const AddOptions& options, CommandContext& context) {
  pb::AddPartnerRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_restored(options.restored);
  std::string fingerprint = options.fingerprint;
  ASSIGN_OR_RETURN(*request.mutable_card(), ReadPublicFile(options.file));
  ASSIGN_OR_RETURN(const ParticipantCard card, ParseCard(request.card()));
  if (fingerprint.empty()) {
    ASSIGN_OR_RETURN(
        fingerprint,
        AskPerson(absl::StrCat(
                      "Card of ", card.code.text(),
                      ". Ask its administrator, over another channel, to read "
                      "out the fingerprint, and type it:\n> "),
                  "give --fingerprint with what the partner's administrator "
                  "read out"));
  }
  request.set_fingerprint(fingerprint);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Admin, pb::AddPartnerResponse>(
                       &Admin::Stub::AddPartner, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("partner %s added (entry %s); its node may connect within 2 seconds\n",
         response.participant().c_str(), response.audit_entry_id().c_str());
  if (card.CollectsMail()) {
    printf(
        "it collects its mail: what is sent to it, withdrawals too, waits "
        "until "
        "it comes,\nand no question can be put to it\n");
  }
  return absl::OkStatus();
}

struct RemoveOptions {
  std::string code;
  bool dry_run = false;
  bool yes = false;
};

absl::StatusOr<pb::PartnerStatus> FindPartner(const std::string& code,
                                              CommandContext& context) {
  ASSIGN_OR_RETURN(const auto status,
                   (context.Call<Admin, pb::GetStatusResponse>(
                       &Admin::Stub::GetStatus, pb::GetStatusRequest())));
  for (const pb::PartnerStatus& partner : status.partners()) {
    if (partner.participant() == code) return partner;
  }
  return ReasonError(ErrorReason::kPartnerUnknown,
                     absl::StrCat(code, " is no partner"));
}

absl::Status RemovePartner(const RemoveOptions& options,
                           CommandContext& context) {
  ASSIGN_OR_RETURN(const pb::PartnerStatus partner,
                   FindPartner(options.code, context));
  const std::string effect = absl::StrCat(
      options.code, ": its calls would be refused, and ", partner.outbox(),
      " event(s) that wait for its receipt would stay undelivered");
  if (options.dry_run) {
    if (context.PrintedJson(partner)) return absl::OkStatus();
    printf("%s; nothing was changed\n", effect.c_str());
    return absl::OkStatus();
  }
  if (!options.yes) {
    ASSIGN_OR_RETURN(
        const std::string typed,
        AskPerson(absl::StrCat("Remove ", effect, ".\nType ", options.code,
                               " to go on: "),
                  "removing a partner needs --yes where nobody can be asked; "
                  "--dry-run says what it would do"));
    if (typed != options.code) {
      return absl::CancelledError("not confirmed; nothing was changed");
    }
  }
  pb::RemovePartnerRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_participant(options.code);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Admin, pb::RemovePartnerResponse>(
                       &Admin::Stub::RemovePartner, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("partner %s removed: its calls are refused from now on\n",
         options.code.c_str());
  return absl::OkStatus();
}

absl::Status SuspendPartner(const std::string& code, const std::string& why,
                            CommandContext& context) {
  pb::SuspendPartnerRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_participant(code);
  request.set_why(why);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Admin, pb::SuspendPartnerResponse>(
                       &Admin::Stub::SuspendPartner, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf(
      "calls of %s are refused from now on; %s (entry %s)\nnext: comity "
      "partner resume %s\n",
      code.c_str(),
      response.collects()
          ? "it collects its mail, so nothing reaches it but by bundle"
          : "what is sent to it still goes",
      response.audit_entry_id().c_str(), code.c_str());
  return absl::OkStatus();
}

absl::Status ResumePartner(const std::string& code, CommandContext& context) {
  pb::ResumePartnerRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_participant(code);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Admin, pb::ResumePartnerResponse>(
                       &Admin::Stub::ResumePartner, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("calls of %s are taken again (entry %s)\n", code.c_str(),
         response.audit_entry_id().c_str());
  return absl::OkStatus();
}

std::string MailText(const pb::PartnerStatus& partner) {
  if (!partner.collects()) return "";
  return absl::StrCat(
      "collects its mail, last ",
      partner.has_collected_at() ? TimeText(partner.collected_at()) : "never");
}

std::string SuspensionText(const pb::PartnerStatus& partner) {
  if (!partner.has_suspended_at()) return "";
  return absl::StrCat("suspended ", TimeText(partner.suspended_at()), " ",
                      partner.suspended_why());
}

absl::Status ListPartners(const std::string& language,
                          CommandContext& context) {
  ASSIGN_OR_RETURN(const Wording words, Wording::Of(language));
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Admin, pb::GetStatusResponse>(
                       &Admin::Stub::GetStatus, pb::GetStatusRequest())));
  if (context.PrintedJson(response)) return absl::OkStatus();
  std::vector<std::vector<std::string>> rows;
  for (const pb::PartnerStatus& partner : response.partners()) {
    rows.push_back(
        {WithName(partner.participant(), partner.names(), words.language()),
         partner.fingerprint(), MailText(partner), SuspensionText(partner)});
  }
  PrintTable(rows);
  return absl::OkStatus();
}

void AddSuspensionCommands(CLI::App& partner, CommandContext& context) {
  auto code = std::make_shared<std::string>();
  auto why = std::make_shared<std::string>();
  CLI::App* suspend = AddVerb(
      partner, "suspend",
      "Refuse a partner's calls for a time and cut its connections",
      "  comity partner suspend NE --why \"key reported stolen, call 14\"\n"
      "What is sent to it still goes, withdrawals above all, unless it "
      "collects its mail.\nThe node itself does this after three floods within "
      "an hour.",
      [code, why, &context] { return SuspendPartner(*code, *why, context); });
  suspend->add_option("code", *code, "Participant code")->required();
  suspend->add_option("--why", *why,
                      "For the own log; at most 200 bytes, no personal data");
  auto resumed = std::make_shared<std::string>();
  CLI::App* resume =
      AddVerb(partner, "resume", "Take a suspended partner's calls again",
              "  comity partner resume NE",
              [resumed, &context] { return ResumePartner(*resumed, context); });
  resume->add_option("code", *resumed, "Participant code")->required();
}

}  // namespace

void AddPartnerCommands(CLI::App& app, CommandContext& context) {
  CLI::App* partner = app.add_subcommand("partner", "Partners and their cards");
  partner->require_subcommand(1);
  auto directory = std::make_shared<std::string>();
  auto only = std::make_shared<bool>(false);
  CLI::App* card = AddVerb(*partner, "card", "Show the own participant card",
                           "  comity partner card --dir ng > ng.card\n"
                           "  comity partner card --dir ng --fingerprint",
                           [directory, only, &context] {
                             return ShowCard(*directory, *only, context);
                           });
  card->add_option("--dir", *directory, "The node's directory")->required();
  card->add_flag("--fingerprint", *only, "Only the fingerprint");

  auto adding = std::make_shared<AddOptions>();
  CLI::App* add = AddVerb(
      *partner, "add", "Add or renew a partner from its card",
      "  comity partner add ne.card --fingerprint 3f9a02c1-...\n"
      "  comity partner add ne.card --fingerprint 3f9a02c1-... --restored\n"
      "The node's listener reads new anchors once a second: a partner "
      "that calls\nearlier is refused once and calls again.",
      [adding, &context] { return AddPartner(*adding, context); });
  add->add_option("card", adding->file, "The card's file")->required();
  add->add_option("--fingerprint", adding->fingerprint,
                  "As the partner's administrator read it out");
  add->add_flag("--restored", adding->restored,
                "Its node was restored from a backup, its administrator says: "
                "forget what its log was");

  auto options = std::make_shared<RemoveOptions>();
  CLI::App* remove = AddVerb(
      *partner, "remove", "Remove a partner",
      "  comity partner remove NE --dry-run\n  comity partner remove NE --yes",
      [options, &context] { return RemovePartner(*options, context); });
  remove->add_option("code", options->code, "Participant code")->required();
  remove->add_flag("--dry-run", options->dry_run,
                   "Say what would happen and change nothing");
  remove->add_flag("--yes", options->yes, "Do not ask");
  AddSuspensionCommands(*partner, context);
  auto language = std::make_shared<std::string>();
  CLI::App* list = AddVerb(
      *partner, "list", "List the partners", "  comity partner list",
      [language, &context] { return ListPartners(*language, context); });
  AddLanguageOption(*list, *language);
}

}  // namespace comity
