#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/groups.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Referrals = pb::ReferralService;

void PrintReferral(const pb::Referral& referral) {
  printf("referral %s  %s -> %s  %s\n", referral.referral_id().c_str(),
         referral.holder().c_str(), referral.receiver().c_str(),
         referral.state().c_str());
  printf("  purpose %s under %s; person %s\n", referral.purpose().c_str(),
         referral.agreement_id().c_str(), referral.pseudonym().c_str());
  if (referral.no_onward_transfer()) {
    printf("  the packet may be passed on to nobody\n");
  }
  if (referral.erased()) {
    printf("  the packet is erased: its time ended\n");
  } else if (referral.has_erase_at()) {
    printf("  the packet is erased on %s\n",
           TimeText(referral.erase_at()).c_str());
  }
  if (referral.undelivered_events() > 0) {
    printf("  %u event(s) wait for the partner's receipt\n",
           referral.undelivered_events());
  }
  if (referral.next_steps_size() > 0) {
    printf("  next: %s\n",
           absl::StrJoin(referral.next_steps(), " or ").c_str());
  }
}

struct CreateOptions {
  std::string name;
  std::string to;
  std::string purpose;
  std::string agreement;
};

absl::Status Create(const CreateOptions& options, CommandContext& context) {
  pb::CreateReferralRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_case_id(options.name);
  request.set_receiver(options.to);
  request.set_purpose(options.purpose);
  request.set_agreement_id(options.agreement);
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

absl::Status Accept(const std::string& id,
                    const std::vector<std::string>& services,
                    CommandContext& context) {
  pb::AcceptReferralRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_referral_id(id);
  for (const std::string& service : services) {
    request.add_services_offered(service);
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

absl::Status Show(const std::string& id, CommandContext& context) {
  pb::GetReferralRequest request;
  request.set_referral_id(id);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Referrals, pb::GetReferralResponse>(
                       &Referrals::Stub::GetReferral, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintReferral(response.referral());
  std::vector<std::vector<std::string>> rows;
  for (const pb::ReferralHistoryEntry& entry : response.history()) {
    rows.push_back({"  " + TimeText(entry.occurred_at()), entry.author(),
                    entry.kind(),
                    entry.has_delivered_at()
                        ? "delivered " + TimeText(entry.delivered_at())
                        : "not delivered yet " + entry.summary(),
                    absl::StrCat("entry ", entry.log_index())});
  }
  PrintTable(rows);
  if (response.has_packet()) {
    printf("  packet:\n");
    PrintRecord(response.packet(), "    ");
  }
  return absl::OkStatus();
}

absl::Status List(CommandContext& context) {
  const pb::ListReferralsRequest request;
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Referrals, pb::ListReferralsResponse>(
                       &Referrals::Stub::ListReferrals, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  std::vector<std::vector<std::string>> rows;
  for (const pb::Referral& each : response.referrals()) {
    rows.push_back({each.referral_id(),
                    absl::StrCat(each.holder(), " -> ", each.receiver()),
                    each.state(), TimeText(each.created_at()),
                    absl::StrJoin(each.next_steps(), " or ")});
  }
  PrintTable(rows);
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
  printf("  for %s only", terms.purpose().c_str());
  if (terms.no_onward_transfer()) printf("; to be passed on to nobody");
  if (terms.retention_days() > 0) {
    printf("; to be erased after %u day(s)", terms.retention_days());
  }
  printf("%s\n",
         terms.break_glass() ? "; told in an emergency: a review is open" : "");
}

absl::Status Query(const QueryOptions& options, CommandContext& context) {
  pb::RequestCaseRequest request;
  request.set_request_id(context.NewRequestId());
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

}  // namespace

void AddReferralCommands(CLI::App& app, CommandContext& context) {
  CLI::App* noun = app.add_subcommand("referral", "Refer persons to partners");
  noun->require_subcommand(1);
  auto create = std::make_shared<CreateOptions>();
  CLI::App* verb = AddVerb(
      *noun, "create", "Draft a referral; nothing leaves",
      "  comity referral create --case NE-2018-000001 --to NG --purpose "
      "SAFE_RETURN",
      [create, &context] { return Create(*create, context); });
  verb->add_option("--case", create->name, "Case id or local reference")
      ->required();
  verb->add_option("--to", create->to, "The partner")->required();
  verb->add_option("--purpose", create->purpose, "Such as SAFE_RETURN")
      ->required();
  verb->add_option("--agreement", create->agreement,
                   "If more than one grants it");

  const auto with_id = [&](const char* name, const char* help,
                           const char* example, auto body) {
    auto id = std::make_shared<std::string>();
    CLI::App* added = AddVerb(*noun, name, help, example, [id, body, &context] {
      return body(*id, context);
    });
    added->add_option("referral", *id, "The referral's id")->required();
    return added;
  };
  with_id("send", "Send a drafted referral", "  comity referral send ID", Send);
  with_id("show", "Show a referral and its history",
          "  comity referral show ID", Show);
  auto services = std::make_shared<std::vector<std::string>>();
  with_id("accept", "Accept a received referral",
          "  comity referral accept ID --services Health,Legal",
          [services](const std::string& id, CommandContext& all) {
            return Accept(id, *services, all);
          })
      ->add_option("--services", *services, "HTCDS spl_Type codes")
      ->delimiter(',');
  auto reason = std::make_shared<std::string>();
  with_id("decline", "Decline a received referral",
          "  comity referral decline ID --reason NO_CAPACITY",
          [reason](const std::string& id, CommandContext& all) {
            return Decline(id, *reason, all);
          })
      ->add_option(
          "--reason", *reason,
          "NO_CAPACITY, UNSAFE, NOT_ELIGIBLE, OUTSIDE_AGREEMENT, OTHER")
      ->required();
  AddVerb(*noun, "list", "List referrals, newest first",
          "  comity referral list", [&context] { return List(context); });

  AddQuery(app, context);
}

}  // namespace comity
