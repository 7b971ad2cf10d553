#include "node/cli/witness_commands.h"

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/base/status_macros.h"
#include "node/cli/output.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Admin = pb::AdminService;

std::string TextOf(const google::protobuf::Timestamp& time) {
  const auto read = FromProtoTime(time);
  return read.ok()
             ? absl::FormatTime("%Y-%m-%d %H:%M:%S", *read, absl::UTCTimeZone())
             : "?";
}

std::vector<std::string> RowOf(const pb::PartnerWitness& partner) {
  return {
      partner.participant(),
      partner.cosigned_size() == 0
          ? absl::StrCat("cosigned none of ", partner.log_size(),
                         " entries of this node")
          : absl::StrCat("cosigned ", partner.cosigned_size(), " of ",
                         partner.log_size(), " entries of this node"),
      partner.has_cosigned_at() ? TextOf(partner.cosigned_at()) : "never",
      absl::StrCat(partner.proved_size(), " entries of its own proved here"),
      partner.forks().empty() ? "no fork" : "FORKED"};
}

// Both notes as they stand, so that they can be taken to whoever judges.
void PrintFork(const pb::WitnessFork& fork) {
  printf(
      "\n%s was signed with two histories; found by %s at %s.\nHeld first:\n%s"
      "\nDoes not join with it:\n%s",
      fork.log().c_str(), fork.reporter().c_str(),
      TextOf(fork.found_at()).c_str(), fork.held_checkpoint().c_str(),
      fork.shown_checkpoint().empty() ? "its owner has no entry any more\n"
                                      : fork.shown_checkpoint().c_str());
}

absl::Status Witnesses(CommandContext& context) {
  ASSIGN_OR_RETURN(
      const auto response,
      (context.Call<Admin, pb::ListWitnessesResponse>(
          &Admin::Stub::ListWitnesses, pb::ListWitnessesRequest())));
  if (context.PrintedJson(response)) return absl::OkStatus();
  std::vector<std::vector<std::string>> rows;
  for (const pb::PartnerWitness& partner : response.partners()) {
    rows.push_back(RowOf(partner));
  }
  PrintTable(rows);
  for (const pb::PartnerWitness& partner : response.partners()) {
    for (const pb::WitnessFork& fork : partner.forks()) PrintFork(fork);
  }
  return absl::OkStatus();
}

std::string SeenText(const pb::ReconcileLogsResponse& logs) {
  std::string text = absl::StrCat("This node logged ", logs.log_size(),
                                  " entries for the partner, which holds a "
                                  "head of ",
                                  logs.seen_there(), ".");
  if (logs.outbox() > 0) {
    absl::StrAppend(&text, " ", logs.outbox(),
                    " events wait here for its receipt.");
  }
  return text;
}

std::string ProvedText(const pb::ReconcileLogsResponse& logs) {
  return absl::StrCat("The partner logged ", logs.partner_log_size(),
                      " entries for this node; ", logs.proved_here(),
                      " are proved here, and ", logs.undelivered_count(),
                      " never came.");
}

std::string TextOf(const pb::UndeliveredEntry& entry) {
  if (entry.kind().empty()) {
    return absl::StrCat("Entry ", entry.index(),
                        ": the partner does not tell what it is; an event that "
                        "waits there comes by itself, or was taken back.");
  }
  return absl::StrCat("Entry ", entry.index(), ": ", entry.kind(), " of ",
                      TextOf(entry.time()), ", request ", entry.request_id(),
                      ", was lost on its way or refused here.");
}

std::string TextOf(const pb::WaitingEvent& event) {
  return absl::StrCat("Event ", event.event_id(), " of referral ",
                      event.referral_id(), " waits since ",
                      TextOf(event.queued_at()), ".");
}

bool Differs(const pb::ReconcileLogsResponse& logs) {
  return logs.log_size() != logs.seen_there() || logs.outbox() > 0 ||
         logs.partner_log_size() != logs.proved_here() ||
         logs.undelivered_count() > 0 || logs.forks_size() > 0;
}

absl::Status Reconcile(const std::string& partner, CommandContext& context) {
  pb::ReconcileLogsRequest request;
  request.set_participant(partner);
  ASSIGN_OR_RETURN(
      const auto logs,
      (context.Call<Admin, pb::ReconcileLogsResponse>(
          &Admin::Stub::ReconcileLogs, request, std::chrono::seconds(120))));
  if (context.PrintedJson(logs)) return absl::OkStatus();
  printf("%s\n%s\n", SeenText(logs).c_str(), ProvedText(logs).c_str());
  for (const pb::WaitingEvent& event : logs.waiting()) {
    printf("%s\n", TextOf(event).c_str());
  }
  for (const pb::UndeliveredEntry& entry : logs.undelivered()) {
    printf("%s\n", OnOneLine(TextOf(entry)).c_str());
  }
  for (const pb::WitnessFork& fork : logs.forks()) PrintFork(fork);
  if (!Differs(logs)) printf("Nothing differs.\n");
  return absl::OkStatus();
}

}  // namespace

void AddWitnessVerbs(CLI::App& audit, CommandContext& context) {
  AddVerb(audit, "witnesses",
          "Show which heads partners cosigned, and both notes of each fork",
          "  comity audit witnesses",
          [&context] { return Witnesses(context); });
  auto partner = std::make_shared<std::string>();
  CLI::App* verb =
      AddVerb(audit, "reconcile",
              "Compare with a partner what both hold of the logs between them",
              "  comity audit reconcile NG",
              [partner, &context] { return Reconcile(*partner, context); });
  verb->add_option("PARTNER", *partner, "The partner's code")->required();
}

}  // namespace comity
