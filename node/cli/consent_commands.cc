#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/consent_text.h"
#include "node/cli/follow_up_withdrawal.h"
#include "node/cli/groups.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Consents = pb::ConsentService;
using Standings = google::protobuf::RepeatedPtrField<pb::WithdrawalStanding>;

struct ActOptions {
  std::string name;
  std::string to;
  std::string organisation;
  std::string purpose;
  std::vector<std::string> groups;
  std::string state;
  std::string language;
  bool interpreter = false;
  std::string guardian;
  std::string channel;
  int days = 90;
};

absl::Status Record(const ActOptions& options, CommandContext& context) {
  pb::RecordConsentRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_case_id(options.name);
  auto* consent = request.mutable_consent();
  consent->set_recipient(options.to);
  consent->set_recipient_organisation(options.organisation);
  consent->set_purpose(options.purpose);
  RETURN_IF_ERROR(ParseGroupNames(options.groups, consent->mutable_groups()));
  consent->set_state(!options.state.empty()     ? options.state
                     : options.guardian.empty() ? "GIVEN"
                                                : "GIVEN_BY_GUARDIAN");
  consent->set_language(options.language);
  consent->set_interpreter(options.interpreter);
  consent->set_guardian(options.guardian);
  consent->set_withdrawal_channel(options.channel);
  *consent->mutable_expires_at() =
      ToProtoTime(absl::Now() + absl::Hours(24 * options.days));
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<pb::CaseService, pb::RecordConsentResponse>(
                       &pb::CaseService::Stub::RecordConsent, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("consent %s recorded (entry %s)\n", response.consent_id().c_str(),
         response.audit_entry_id().c_str());
  for (const std::string& id : response.notified_referral_ids()) {
    printf("  the other side of referral %s will be told\n", id.c_str());
  }
  return absl::OkStatus();
}

std::string OutcomeText(const pb::CopyOutcome& copies) {
  std::string text = absl::StrCat(copies.copies(), " ", copies.outcome());
  if (!copies.ground().empty()) absl::StrAppend(&text, ": ", copies.ground());
  if (copies.has_kept_until()) {
    absl::StrAppend(&text, " until ", TimeText(copies.kept_until()));
  }
  return text;
}

void PrintStandings(const Standings& standings) {
  for (const pb::WithdrawalStanding& each : standings) PrintWithdrawal(each);
}

void PrintAct(const pb::ConsentStanding& standing) {
  const pb::ConsentRecord& act = standing.act();
  printf("consent %s  %s to %s%s%s for %s\n", act.consent_id().c_str(),
         act.state().c_str(), act.recipient().c_str(),
         act.recipient_organisation().empty() ? "" : "/",
         act.recipient_organisation().c_str(), act.purpose().c_str());
  printf("  groups: %s; live now: %s\n", GroupNames(act.groups()).c_str(),
         standing.live_groups().empty()
             ? "none"
             : GroupNames(standing.live_groups()).c_str());
  printf("  text shown in %s%s%s%s; can withdraw through %s\n",
         act.language().c_str(),
         act.interpreter() ? ", through an interpreter" : "",
         act.guardian().empty() ? "" : ", guardian ", act.guardian().c_str(),
         act.withdrawal_channel().empty() ? "(not told)"
                                          : act.withdrawal_channel().c_str());
  printf("  given %s, ends %s, recorded by %s\n",
         TimeText(act.given_at()).c_str(), TimeText(act.expires_at()).c_str(),
         act.recorded_by().c_str());
  for (const pb::GroupsWithdrawn& each : act.withdrawals()) {
    printf("  withdrawn %s: %s, told by %s%s%s\n",
           TimeText(each.withdrawn_at()).c_str(),
           GroupNames(each.groups()).c_str(), each.recorded_by().c_str(),
           each.channel().empty() ? "" : " through ", each.channel().c_str());
  }
}

absl::Status Show(const std::string& name, CommandContext& context) {
  pb::GetConsentsRequest request;
  request.set_case_id(name);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Consents, pb::GetConsentsResponse>(
                       &Consents::Stub::GetConsents, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  if (response.consents().empty()) printf("no act of consent\n");
  for (const pb::ConsentStanding& each : response.consents()) PrintAct(each);
  PrintStandings(response.withdrawals());
  return absl::OkStatus();
}

struct WithdrawOptions {
  std::string name;
  std::string consent;
  std::vector<std::string> groups;
  std::string channel;
};

absl::Status Withdraw(const WithdrawOptions& options, CommandContext& context) {
  pb::WithdrawConsentRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_case_id(options.name);
  request.set_consent_id(options.consent);
  RETURN_IF_ERROR(ParseGroupNames(options.groups, request.mutable_groups()));
  request.set_channel(options.channel);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Consents, pb::WithdrawConsentResponse>(
                       &Consents::Stub::WithdrawConsent, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf(
      "withdrawn from %d act(s) (entry %s); nothing of it is told any more\n",
      response.consent_ids_size(), response.audit_entry_id().c_str());
  PrintStandings(response.withdrawals());
  return absl::OkStatus();
}

absl::Status WithdrawReferral(const std::string& id, const std::string& channel,
                              CommandContext& context) {
  pb::WithdrawReferralRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_referral_id(id);
  request.set_channel(channel);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Consents, pb::WithdrawReferralResponse>(
                       &Consents::Stub::WithdrawReferral, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("consent to the referral is withdrawn (entry %s)\n",
         response.audit_entry_id().c_str());
  PrintStandings(response.withdrawals());
  return absl::OkStatus();
}

struct ErasedOptions {
  std::string id;
  std::string copies;
  std::string outcome;
  std::string ground;
  int days = 0;
};

absl::Status ConfirmErasure(const ErasedOptions& options,
                            CommandContext& context) {
  pb::ConfirmErasureRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_referral_id(options.id);
  request.set_copies(options.copies);
  request.set_outcome(options.outcome);
  request.set_ground(options.ground);
  if (options.days > 0) {
    *request.mutable_kept_until() =
        ToProtoTime(absl::Now() + absl::Hours(24 * options.days));
  }
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Consents, pb::ConfirmErasureResponse>(
                       &Consents::Stub::ConfirmErasure, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("answered (entry %s)\n", response.audit_entry_id().c_str());
  Standings standings;
  *standings.Add() = response.standing();
  PrintStandings(standings);
  return absl::OkStatus();
}

struct HoldOptions {
  std::string name;
  std::string ground;
  int days = 0;
  bool lift = false;
};

absl::Status Hold(const HoldOptions& options, CommandContext& context) {
  if (options.lift == (options.days > 0)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "give --ground and --days, or --lift");
  }
  pb::HoldCaseRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_case_id(options.name);
  request.set_ground(options.ground);
  request.set_lift(options.lift);
  if (options.days > 0) {
    *request.mutable_until() =
        ToProtoTime(absl::Now() + absl::Hours(24 * options.days));
  }
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Consents, pb::HoldCaseResponse>(
                       &Consents::Stub::HoldCase, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("%s (entry %s)\n",
         options.lift ? "the hold is lifted" : "the case is kept",
         response.audit_entry_id().c_str());
  if (response.has_erase_at()) {
    printf("  it is erased on %s\n", TimeText(response.erase_at()).c_str());
  }
  return absl::OkStatus();
}

constexpr absl::string_view kChannels =
    "SHELTER, CASE_WORKER, HELPLINE, LAWYER, GUARDIAN or OFFICE";

void AddRecord(CLI::App& noun, CommandContext& context) {
  auto act = std::make_shared<ActOptions>();
  CLI::App* record = AddVerb(
      noun, "record", "Record an act of consent",
      "  comity consent record NE-7 --to NG --purpose SAFE_RETURN --groups "
      "CASE_REF,STATUS,DEMOGRAPHIC,NEEDS --language ha --channel SHELTER\n"
      "  comity consent record NE-8 --to NG --purpose SAFE_RETURN --groups "
      "NEEDS --language fr --interpreter --guardian 'A. Moussa, aunt' "
      "--channel "
      "GUARDIAN",
      [act, &context] { return Record(*act, context); });
  record->add_option("case", act->name, "Case id or local reference")
      ->required();
  record->add_option("--to", act->to, "Recipient participant")->required();
  record->add_option("--organisation", act->organisation,
                     "Only this organisation of the recipient");
  record
      ->add_option("--purpose", act->purpose,
                   "Such as SAFE_RETURN; STATISTICS: to be counted")
      ->required();
  record->add_option("--groups", act->groups, "Field groups")
      ->required()
      ->delimiter(',');
  record->add_option("--state", act->state,
                     "GIVEN, GIVEN_BY_GUARDIAN or REFUSED");
  record
      ->add_option("--language", act->language,
                   "ISO 639 code of the text that was shown")
      ->required();
  record->add_flag("--interpreter", act->interpreter, "Through an interpreter");
  record->add_option("--guardian", act->guardian,
                     "Who consented for her, if she did not herself");
  record
      ->add_option(
          "--channel", act->channel,
          absl::StrCat("Where she was told that she can withdraw: ", kChannels))
      ->required();
  record->add_option("--days", act->days,
                     "Ends after so many days, at most 180");
}

void AddShowAndWithdraw(CLI::App& noun, CommandContext& context) {
  auto name = std::make_shared<std::string>();
  CLI::App* show = AddVerb(
      noun, "show", "Show what she consented to, and who answered withdrawals",
      "  comity consent show NE-7",
      [name, &context] { return Show(*name, context); });
  show->add_option("case", *name, "Case id or local reference")->required();

  auto options = std::make_shared<WithdrawOptions>();
  CLI::App* withdraw = AddVerb(
      noun, "withdraw",
      "Withdraw consent; every recipient is told first of all",
      "  comity consent withdraw NE-7 --channel SHELTER\n"
      "  comity consent withdraw NE-7 --groups MEDICAL --channel LAWYER",
      [options, &context] { return Withdraw(*options, context); });
  withdraw->add_option("case", options->name, "Case id or local reference")
      ->required();
  withdraw->add_option("--consent", options->consent,
                       "Only this act; else every act of the case");
  withdraw
      ->add_option("--groups", options->groups,
                   "Only these field groups; else all")
      ->delimiter(',');
  withdraw
      ->add_option("--channel", options->channel,
                   absl::StrCat("Where she withdrew: ", kChannels))
      ->required();
}

void AddReferralVerbs(CLI::App& noun, CommandContext& context) {
  auto id = std::make_shared<std::string>();
  auto channel = std::make_shared<std::string>();
  auto reports = std::make_shared<bool>(false);
  CLI::App* withdraw = AddVerb(
      noun, "withdraw", "Withdraw consent to a whole referral, on either side",
      "  comity referral withdraw ID --channel HELPLINE\n"
      "  comity referral withdraw ID --follow-ups --channel LAWYER",
      [id, channel, reports, &context] {
        return *reports ? WithdrawFollowUps(*id, *channel, context)
                        : WithdrawReferral(*id, *channel, context);
      });
  withdraw->add_flag("--follow-ups", *reports,
                     "Only from follow-up reports; all else goes on");
  withdraw->add_option("referral", *id, "The referral's id")->required();
  withdraw
      ->add_option("--channel", *channel,
                   absl::StrCat("Where she withdrew: ", kChannels))
      ->required();

  auto erased = std::make_shared<ErasedOptions>();
  CLI::App* confirm = AddVerb(
      noun, "erased", "Tell the holder what became of copies outside the node",
      "  comity referral erased ID --copies PAPER --outcome ERASED\n"
      "  comity referral erased ID --copies PAPER --outcome KEPT --ground "
      "COURT_ORDER --days 90",
      [erased, &context] { return ConfirmErasure(*erased, context); });
  confirm->add_option("referral", erased->id, "The referral's id")->required();
  confirm->add_option("--copies", erased->copies, "PAPER or BACKUP")
      ->required();
  confirm
      ->add_option("--outcome", erased->outcome,
                   "ERASED, BLOCKED, KEPT or NONE_HELD")
      ->required();
  confirm->add_option("--ground", erased->ground,
                      "For KEPT: the legal ground, such as COURT_ORDER");
  confirm->add_option("--days", erased->days, "For KEPT: for so many days");
}

void AddHold(CLI::App& noun, CommandContext& context) {
  auto hold = std::make_shared<HoldOptions>();
  CLI::App* verb =
      AddVerb(noun, "hold",
              "Keep a case from being erased, on a legal ground, for a time",
              "  comity case hold NG-12 --ground COURT_ORDER --days 90\n"
              "  comity case hold NG-12 --lift",
              [hold, &context] { return Hold(*hold, context); });
  verb->add_option("case", hold->name, "Case id or local reference")
      ->required();
  verb->add_option("--ground", hold->ground,
                   "COURT_ORDER, CRIMINAL_PROCEEDINGS, LEGAL_CLAIM or "
                   "VITAL_INTEREST");
  verb->add_option("--days", hold->days, "For so many days, at most 365");
  verb->add_flag("--lift", hold->lift, "End the hold");
}

}  // namespace

void PrintWithdrawal(const pb::WithdrawalStanding& each) {
  printf("  withdrawn from referral %s at %s: %s\n", each.referral_id().c_str(),
         TimeText(each.withdrawn_at()).c_str(),
         each.whole() ? "the whole" : GroupNames(each.groups()).c_str());
  const char* recipient = each.recipient().c_str();
  if (each.nothing_held()) {
    printf("    %s holds nothing: the packet never arrived\n", recipient);
    return;
  }
  if (each.has_delivered_at()) {
    printf("    reached %s at %s\n", recipient,
           TimeText(each.delivered_at()).c_str());
  } else {
    printf("    has not reached %s yet; it goes ahead of all else\n",
           recipient);
  }
  if (each.has_answer_due_at()) {
    printf("    %s has not answered; %s %s\n", recipient,
           each.overdue() ? "OVERDUE since" : "due by",
           TimeText(each.answer_due_at()).c_str());
  }
  for (const pb::CopyOutcome& copies : each.copies()) {
    printf("    answered: %s\n", OnOneLine(OutcomeText(copies)).c_str());
  }
}

void AddConsentCommands(CLI::App& app, CommandContext& context) {
  CLI::App* noun = app.add_subcommand("consent", "Acts of consent");
  noun->require_subcommand(1);
  AddRecord(*noun, context);
  AddShowAndWithdraw(*noun, context);
  AddReferralVerbs(*app.get_subcommand("referral"), context);
  AddHold(*app.get_subcommand("case"), context);
}

}  // namespace comity
