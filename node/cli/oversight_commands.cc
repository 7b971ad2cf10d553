#include <cstdio>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "comity/operators/v1/oversight_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/event_words.h"
#include "node/cli/referral_output.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Oversight = pb::OversightService;

absl::StatusOr<pb::ListInboxResponse> ReadInbox(CommandContext& context) {
  return context.Call<Oversight, pb::ListInboxResponse>(
      &Oversight::Stub::ListInbox, pb::ListInboxRequest());
}

// A sentence of what waits, on a line of its own.
void Say(const Wording& words, const char* key,
         const std::map<std::string, std::string>& filled,
         const char* indent = "  ") {
  printf("%s%s\n", indent, OnOneLine(words.Text(key, filled)).c_str());
}

void PrintApprovals(const pb::ListInboxResponse& inbox, const Wording& words) {
  for (const pb::ApprovalRequest& each : inbox.approvals()) {
    Say(words, "Inbox.APPROVE",
        {{"id", each.approval_id()},
         {"matter", words.Code("Matter", each.matter())},
         {"partner", each.partner()},
         {"who", each.requested_by()}},
        "");
    Say(words, "Inbox.APPROVE_WHAT",
        {{"what", each.about().empty() ? GroupWords(each.groups(), words)
                                       : each.about()},
         {"purpose", words.Code("Purpose", each.purpose())},
         {"basis", words.Code("Basis", each.basis())},
         {"agreement", each.agreement_id()},
         {"subject", each.subject()}});
    Say(words, "Inbox.APPROVED",
        {{"given", absl::StrCat(each.approved_by_size())},
         {"needed", absl::StrCat(each.needed())},
         {"when", TimeText(each.expires_at())}});
  }
}

void PrintEmergency(const pb::Emergency& emergency,
                    const Wording& words = Wording()) {
  Say(words, "Inbox.EMERGENCY",
      {{"id", emergency.emergency_id()},
       {"state", emergency.state()},
       {"partner", emergency.partner()},
       {"agreement", emergency.agreement_id()},
       {"why", emergency.reason()}},
      "");
  Say(words, "Inbox.DECLARED",
      {{"who", emergency.declared_by()},
       {"when", TimeText(emergency.declared_at())}});
  if (emergency.state() == "DECLARED") {
    Say(words, "Inbox.CONFIRM", {{"id", emergency.emergency_id()}});
  }
  if (!emergency.confirmed_by().empty()) {
    Say(words, "Inbox.CONFIRMED",
        {{"who", emergency.confirmed_by()},
         {"when", TimeText(emergency.ends_at())}});
  }
  if (!emergency.ended_by().empty()) {
    Say(words, "Inbox.ENDED", {{"who", emergency.ended_by()}});
  }
}

void PrintReview(const pb::EmergencyReview& review, const Wording& words) {
  const std::string text = words.Text(
      review.as_holder() ? "Inbox.REVIEW_TOLD" : "Inbox.REVIEW_RECEIVED",
      {{"id", review.review_id()},
       {"partner", review.partner()},
       {"agreement", review.agreement_id()},
       {"entry", review.entry_id()},
       {"when", TimeText(review.due_at())}});
  printf("%s%s%s\n", OnOneLine(text).c_str(), review.overdue() ? " " : "",
         review.overdue() ? words.Text("Inbox.OVERDUE").c_str() : "");
}

void PrintDifference(const pb::AgreementDifference& difference) {
  printf("agreement %s with %s: %s, as of %s\n",
         OnOneLine(difference.agreement_id()).c_str(),
         difference.partner().c_str(), OnOneLine(difference.detail()).c_str(),
         TimeText(difference.seen_at()).c_str());
  printf("  next: %s\n", OnOneLine(difference.fix()).c_str());
}

absl::Status Inbox(const std::string& language, CommandContext& context) {
  ASSIGN_OR_RETURN(const Wording words, Wording::Of(language));
  ASSIGN_OR_RETURN(const pb::ListInboxResponse inbox, ReadInbox(context));
  if (context.PrintedJson(inbox)) return absl::OkStatus();
  if (inbox.referrals().empty() && inbox.approvals().empty() &&
      inbox.reviews().empty() && inbox.emergencies().empty() &&
      inbox.notices().empty() && inbox.differences().empty()) {
    // What an empty list would leave open: whether the command worked.
    Say(words, "Inbox.NOTHING", {}, "");
  }
  PrintWork(inbox.referrals(), words);
  PrintApprovals(inbox, words);
  for (const pb::Emergency& each : inbox.emergencies()) {
    PrintEmergency(each, words);
  }
  for (const pb::EmergencyReview& each : inbox.reviews()) {
    PrintReview(each, words);
  }
  for (const auto& each : inbox.differences()) PrintDifference(each);
  for (const pb::Notice& each : inbox.notices()) {
    Say(words, "Inbox.NOTICE",
        {{"when", TimeText(each.noted_at())},
         {"what", words.Code("Notice", each.kind())},
         {"partner", each.partner()},
         {"entry", each.entry_id()}},
        "");
  }
  return absl::OkStatus();
}

absl::Status Approve(const std::string& id, bool decline,
                     CommandContext& context) {
  if (id.empty()) {
    ASSIGN_OR_RETURN(const pb::ListInboxResponse inbox, ReadInbox(context));
    if (context.PrintedJson(inbox)) return absl::OkStatus();
    const Wording words;
    if (inbox.approvals().empty()) Say(words, "Inbox.NO_APPROVAL", {}, "");
    PrintApprovals(inbox, words);
    return absl::OkStatus();
  }
  pb::DecideApprovalRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_approval_id(id);
  request.set_decline(decline);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Oversight, pb::DecideApprovalResponse>(
                       &Oversight::Stub::DecideApproval, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  if (decline) {
    printf("declined (entry %s)\n", response.audit_entry_id().c_str());
  } else {
    printf("approved; %u more person(s) needed (entry %s)\n",
           response.missing(), response.audit_entry_id().c_str());
  }
  return absl::OkStatus();
}

absl::Status Declare(pb::DeclareEmergencyRequest& request,
                     CommandContext& context) {
  request.set_request_id(context.NewRequestId());
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Oversight, pb::DeclareEmergencyResponse>(
                       &Oversight::Stub::DeclareEmergency, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintEmergency(response.emergency());
  return absl::OkStatus();
}

// Confirms or ends.
template <typename Request, typename Response, typename Method>
absl::Status Step(const std::string& id, Method method,
                  CommandContext& context) {
  Request request;
  request.set_request_id(context.NewRequestId());
  request.set_emergency_id(id);
  ASSIGN_OR_RETURN(const Response response,
                   (context.Call<Oversight, Response>(method, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintEmergency(response.emergency());
  return absl::OkStatus();
}

absl::Status Review(const std::string& id, const std::string& finding,
                    CommandContext& context) {
  pb::ReviewEmergencyRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_review_id(id);
  request.set_finding(finding);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Oversight, pb::ReviewEmergencyResponse>(
                       &Oversight::Stub::ReviewEmergency, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("reviewed (entry %s)\n", response.audit_entry_id().c_str());
  return absl::OkStatus();
}

absl::Status ListEmergencies(CommandContext& context) {
  ASSIGN_OR_RETURN(
      const auto response,
      (context.Call<Oversight, pb::ListEmergenciesResponse>(
          &Oversight::Stub::ListEmergencies, pb::ListEmergenciesRequest())));
  if (context.PrintedJson(response)) return absl::OkStatus();
  for (const pb::Emergency& each : response.emergencies()) PrintEmergency(each);
  return absl::OkStatus();
}

void AddDeclare(CLI::App& noun, CommandContext& context) {
  struct Options {
    std::string agreement, partner, reason;
    uint32_t hours = 0;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = AddVerb(
      noun, "declare", "Declare an emergency; another person must confirm it",
      "  comity emergency declare --agreement ng-td-emergency --partner TD "
      "--hours 24 --reason DANGER_TO_LIFE",
      [options, &context] {
        pb::DeclareEmergencyRequest request;
        request.set_agreement_id(options->agreement);
        request.set_partner(options->partner);
        request.set_hours(options->hours);
        request.set_reason(options->reason);
        return Declare(request, context);
      });
  verb->add_option("--agreement", options->agreement, "Emergency agreement")
      ->required();
  verb->add_option("--partner", options->partner, "The partner")->required();
  verb->add_option("--hours", options->hours, "1 to 72")->required();
  verb->add_option("--reason", options->reason,
                   "DANGER_TO_LIFE, MASS_DISPLACEMENT, MISSING_CHILD, EPIDEMIC")
      ->required();
}

void AddEmergency(CLI::App& app, CommandContext& context) {
  CLI::App* noun =
      app.add_subcommand("emergency", "Tell more where life is in danger");
  noun->require_subcommand(1);
  AddDeclare(*noun, context);
  auto confirmed = std::make_shared<std::string>();
  AddVerb(
      *noun, "confirm", "Confirm what another person declared",
      "  comity emergency confirm ID",
      [confirmed, &context] {
        return Step<pb::ConfirmEmergencyRequest, pb::ConfirmEmergencyResponse>(
            *confirmed, &Oversight::Stub::ConfirmEmergency, context);
      })
      ->add_option("emergency", *confirmed, "The emergency's id")
      ->required();
  auto ended = std::make_shared<std::string>();
  AddVerb(*noun, "end", "End an emergency at once", "  comity emergency end ID",
          [ended, &context] {
            return Step<pb::EndEmergencyRequest, pb::EndEmergencyResponse>(
                *ended, &Oversight::Stub::EndEmergency, context);
          })
      ->add_option("emergency", *ended, "The emergency's id")
      ->required();
  auto review = std::make_shared<std::string>();
  auto finding = std::make_shared<std::string>();
  CLI::App* verb =
      AddVerb(*noun, "review", "Review what was told in an emergency",
              "  comity emergency review ID --finding JUSTIFIED",
              [review, finding, &context] {
                return Review(*review, *finding, context);
              });
  verb->add_option("review", *review, "The review's id (comity inbox)")
      ->required();
  verb->add_option("--finding", *finding,
                   "JUSTIFIED, NOT_JUSTIFIED, PARTNER_TO_ERASE")
      ->required();
  AddVerb(*noun, "list", "List emergencies, newest first",
          "  comity emergency list",
          [&context] { return ListEmergencies(context); });
}

}  // namespace

void AddOversightCommands(CLI::App& app, CommandContext& context) {
  auto language = std::make_shared<std::string>();
  CLI::App* inbox =
      AddVerb(app, "inbox", "What waits for you, and what you are told of",
              "  comity inbox\n  comity inbox --lang fr",
              [language, &context] { return Inbox(*language, context); });
  AddLanguageOption(*inbox, *language);
  auto id = std::make_shared<std::string>();
  auto decline = std::make_shared<bool>(false);
  CLI::App* approve = AddVerb(
      app, "approve", "Approve what another person or a partner asked for",
      "  comity approve\n  comity approve ID\n  comity approve ID --decline",
      [id, decline, &context] { return Approve(*id, *decline, context); });
  approve->add_option("approval", *id, "Its id; left out: list what waits");
  approve->add_flag("--decline", *decline, "Decline it");
  AddEmergency(app, context);
}

}  // namespace comity
