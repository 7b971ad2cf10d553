#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/all_pages.h"
#include "node/cli/command.h"
#include "node/cli/consent_text.h"
#include "node/cli/groups.h"
#include "node/cli/referral_output.h"
#include "node/wire/enum_code.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Referrals = pb::ReferralService;

struct CreateOptions {
  std::string name;
  std::string to;
  std::string purpose;
  std::string basis;
  std::string agreement;
  std::string reason;
};

absl::Status Create(const CreateOptions& options, CommandContext& context) {
  pb::CreateReferralRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_case_id(options.name);
  request.set_receiver(options.to);
  request.set_purpose(options.purpose);
  request.set_basis(options.basis);
  request.set_agreement_id(options.agreement);
  request.set_reason(options.reason);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Referrals, pb::CreateReferralResponse>(
                       &Referrals::Stub::CreateReferral, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintReferral(response.referral());
  printf("  sending would release: %s\n",
         GroupNames(response.would_release()).c_str());
  return absl::OkStatus();
}

absl::Status Send(const std::string& id, CommandContext& context) {
  pb::SendReferralRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_referral_id(id);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Referrals, pb::SendReferralResponse>(
                       &Referrals::Stub::SendReferral, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintReferral(response.referral());
  printf("  released: %s (entry %s)\n", GroupNames(response.released()).c_str(),
         response.audit_entry_id().c_str());
  return absl::OkStatus();
}

struct AcceptOptions {
  std::string id;
  std::string case_manager;
  std::vector<std::string> services;
  std::string reception;
  std::string capacity_from;
};

absl::Status Accept(const AcceptOptions& options, CommandContext& context) {
  pb::AcceptReferralRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_referral_id(options.id);
  request.set_case_manager(options.case_manager);
  for (const std::string& service : options.services) {
    request.add_services_offered(service);
  }
  request.set_reception(options.reception);
  if (!options.capacity_from.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_capacity_from(),
                     ParseTimeText(options.capacity_from));
  }
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Referrals, pb::AcceptReferralResponse>(
                       &Referrals::Stub::AcceptReferral, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintReferral(response.referral());
  return absl::OkStatus();
}

absl::Status Decline(const std::string& id, const std::string& reason,
                     CommandContext& context) {
  pb::DeclineReferralRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_referral_id(id);
  request.set_reason(reason);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Referrals, pb::DeclineReferralResponse>(
                       &Referrals::Stub::DeclineReferral, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintReferral(response.referral());
  return absl::OkStatus();
}

absl::StatusOr<pb::GetReferralResponse> Get(const std::string& id,
                                            CommandContext& context) {
  pb::GetReferralRequest request;
  request.set_referral_id(id);
  return context.Call<Referrals, pb::GetReferralResponse>(
      &Referrals::Stub::GetReferral, request);
}

absl::Status Show(const std::string& id, const std::string& language,
                  CommandContext& context) {
  ASSIGN_OR_RETURN(const Wording words, Wording::Of(language));
  ASSIGN_OR_RETURN(const auto response, Get(id, context));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintReferral(response.referral(), words);
  PrintProgress(response.referral(), response.progress(), words);
  PrintTimeline(response, words);
  PrintWithheld(response, words);
  if (response.has_withdrawal()) PrintWithdrawal(response.withdrawal());
  if (response.has_packet()) {
    printf("  %s:\n", words.Text("Show.PACKET").c_str());
    PrintRecord(response.packet(), "    ");
  }
  return absl::OkStatus();
}

absl::Status Timeline(const std::string& id, const std::string& language,
                      CommandContext& context) {
  ASSIGN_OR_RETURN(const Wording words, Wording::Of(language));
  ASSIGN_OR_RETURN(auto response, Get(id, context));
  response.clear_packet();
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintTimeline(response, words);
  PrintWithheld(response, words);
  return absl::OkStatus();
}

struct ListOptions {
  bool waiting = false;
  int limit = 0;  // 0: 50, or all that wait
  std::string language;
};

absl::StatusOr<pb::ListReferralsResponse> ReadList(const ListOptions& options,
                                                   CommandContext& context) {
  pb::ListReferralsRequest request;
  request.set_waiting_only(options.waiting);
  if (options.waiting && options.limit == 0) {
    return CallAll<Referrals, pb::ListReferralsResponse>(
        context, &Referrals::Stub::ListReferrals, request);
  }
  return CallUpTo<Referrals, pb::ListReferralsResponse>(
      options.limit == 0 ? 50 : options.limit,
      [](const pb::ListReferralsResponse& page) {
        return page.referrals_size();
      },
      context, &Referrals::Stub::ListReferrals, request);
}

absl::Status List(const ListOptions& options, CommandContext& context) {
  ASSIGN_OR_RETURN(const Wording words, Wording::Of(options.language));
  ASSIGN_OR_RETURN(const auto response, ReadList(options, context));
  if (context.PrintedJson(response)) return absl::OkStatus();
  if (options.waiting) {
    PrintWork(response.referrals(), words);
  } else {
    PrintReferralList(response.referrals(), words);
  }
  return absl::OkStatus();
}

struct QueryOptions {
  std::string holder;
  std::string referral;
  std::string pseudonym;
  std::string purpose;
  std::string basis;
  std::string agreement;
  std::vector<std::string> want;
};

void PrintTerms(const federation::v1::ReleaseTerms& terms) {
  printf("  for %s only", OnOneLine(terms.purpose()).c_str());
  if (terms.no_onward_transfer()) printf("; to be passed on to nobody");
  if (terms.retention_days() > 0) {
    printf("; to be erased after %u day(s)", terms.retention_days());
  }
  printf("%s\n",
         terms.break_glass() ? "; told in an emergency: a review is open" : "");
}

absl::Status Query(const QueryOptions& options, CommandContext& context) {
  pb::RequestCaseRequest request;
  // The holder keeps it for an hour, beside those of all other questions.
  request.set_request_id(
      NewTimedUuid(absl::Now(), context.random()).ToString());
  request.set_holder(options.holder);
  request.set_referral_id(options.referral);
  request.set_pseudonym(options.pseudonym);
  request.set_purpose(options.purpose);
  request.set_basis(options.basis);
  request.set_agreement_id(options.agreement);
  RETURN_IF_ERROR(ParseGroupNames(options.want, request.mutable_wanted()));
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Referrals, pb::RequestCaseResponse>(
                       &Referrals::Stub::RequestCase, request)));
  const bool printed = context.PrintedJson(response);
  if (!printed) {
    printf(
        "asked %s: question is entry %lu of the log for it, its answer entry "
        "%lu of its log for us\n",
        options.holder.c_str(),
        static_cast<unsigned long>(response.question_index()),
        static_cast<unsigned long>(response.answer_index()));
  }
  if (response.answer().has_refusal()) {
    const auto& refusal = response.answer().refusal();
    return ReasonError(ReasonFromName(refusal.reason()), refusal.message());
  }
  if (printed) return absl::OkStatus();
  const auto& released = response.answer().released();
  printf("released: %s\n", GroupNames(released.released()).c_str());
  PrintTerms(released.terms());
  PrintRecord(released.record(), "  ");
  return absl::OkStatus();
}

void AddQuery(CLI::App& app, CommandContext& context) {
  auto query = std::make_shared<QueryOptions>();
  CLI::App* ask =
      AddVerb(app, "query", "Ask a partner for field groups of one case",
              "  comity query NE --referral ID --purpose SAFE_RETURN --want "
              "STATUS,NEEDS\n"
              "  comity query NE --referral ID --purpose SAFE_RETURN --want "
              "IDENTITY,CONTACT_POINT",
              [query, &context] { return Query(*query, context); });
  ask->add_option("holder", query->holder, "The partner")->required();
  ask->add_option("--referral", query->referral, "The referral's id");
  ask->add_option("--pseudonym", query->pseudonym,
                  "What the partner calls the person");
  ask->add_option("--purpose", query->purpose, "Such as SAFE_RETURN")
      ->required();
  ask->add_option("--basis", query->basis, "If not CONSENT");
  ask->add_option("--agreement", query->agreement,
                  "If more than one grants it");
  ask->add_option("--want", query->want, "Field groups")
      ->required()
      ->delimiter(',');
}

template <typename Body>
CLI::App* AddWithId(CLI::App& noun, CommandContext& context, const char* name,
                    const char* help, const char* example, Body body) {
  auto id = std::make_shared<std::string>();
  CLI::App* added = AddVerb(noun, name, help, example, [id, body, &context] {
    return body(*id, context);
  });
  added->add_option("referral", *id, "The referral's id")->required();
  return added;
}

void AddCreate(CLI::App& noun, CommandContext& context) {
  auto create = std::make_shared<CreateOptions>();
  CLI::App* verb = AddVerb(
      noun, "create", "Draft a referral; nothing leaves",
      "  comity referral create --case NE-2018-000001 --to NG --purpose "
      "SAFE_RETURN",
      [create, &context] { return Create(*create, context); });
  verb->add_option("--case", create->name, "Case id or local reference")
      ->required();
  verb->add_option("--to", create->to, "The partner")->required();
  verb->add_option("--purpose", create->purpose, "Such as SAFE_RETURN")
      ->required();
  verb->add_option("--basis", create->basis,
                   "If not CONSENT, such as VITAL_INTEREST");
  verb->add_option("--agreement", create->agreement,
                   "If more than one grants it");
  verb->add_option("--reason", create->reason,
                   "Why: AdditionalServicesRequired, "
                   "MigrationOrChangeOfLocation or Other");
}

void AddDecision(CLI::App& noun, CommandContext& context) {
  auto accept = std::make_shared<AcceptOptions>();
  CLI::App* verb = AddVerb(
      noun, "accept", "Accept a received referral",
      "  comity referral accept ID --services Health,Legal --reception SHELTER",
      [accept, &context] { return Accept(*accept, context); });
  verb->add_option("referral", accept->id, "The referral's id")->required();
  verb->add_option("--services", accept->services, "HTCDS spl_Type codes")
      ->delimiter(',');
  verb->add_option(
      "--case-manager", accept->case_manager,
      "Organisation (its people see the referral) and mailbox, such as "
      "SHELTER/intake; left out: your organisation");
  verb->add_option("--reception", accept->reception,
                   EnumCodes(*federation::v1::PlaceKind_descriptor()));
  verb->add_option("--capacity-from", accept->capacity_from,
                   "When there is a place for her, if not now");
  auto reason = std::make_shared<std::string>();
  AddWithId(noun, context, "decline", "Decline a received referral",
            "  comity referral decline ID --reason NO_CAPACITY",
            [reason](const std::string& id, CommandContext& all) {
              return Decline(id, *reason, all);
            })
      ->add_option("--reason", *reason,
                   EnumCodes(*federation::v1::DeclineReason_descriptor()))
      ->required();
}

// A verb whose codes are shown in words.
template <typename Body>
void AddWorded(CLI::App& noun, CommandContext& context, const char* name,
               const char* help, const char* example, Body body) {
  auto language = std::make_shared<std::string>();
  CLI::App* verb =
      AddWithId(noun, context, name, help, example,
                [language, body](const std::string& id, CommandContext& all) {
                  return body(id, *language, all);
                });
  AddLanguageOption(*verb, *language);
}

void AddList(CLI::App& noun, CommandContext& context) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* verb = AddVerb(
      noun, "list", "List referrals, newest first",
      "  comity referral list\n  comity referral list --waiting --lang fr",
      [options, &context] { return List(*options, context); });
  verb->add_flag("--waiting", options->waiting,
                 "What is overdue, due, and waits for whom");
  verb->add_option("--limit", options->limit,
                   "At most so many; without it 50, or all with --waiting")
      ->check(CLI::PositiveNumber);
  AddLanguageOption(*verb, options->language);
}

}  // namespace

void AddReferralCommands(CLI::App& app, CommandContext& context) {
  CLI::App* noun = app.add_subcommand("referral", "Refer persons to partners");
  noun->require_subcommand(1);
  AddCreate(*noun, context);
  AddDecision(*noun, context);
  AddWithId(*noun, context, "send", "Send a drafted and cleared referral",
            "  comity referral send ID", Send);
  AddWorded(*noun, context, "show", "Show a referral and its history",
            "  comity referral show ID", Show);
  AddWorded(*noun, context, "timeline", "Show what happened and what is due",
            "  comity referral timeline ID --lang pt", Timeline);
  AddList(*noun, context);
  AddReferralStepCommands(*noun, context);
  AddDossierCommands(*noun, context);
  AddOfferVerbs(*noun, context);
  AddQuery(app, context);
}

}  // namespace comity
