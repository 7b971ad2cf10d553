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
      fork.shown_checkpoint().c_str());
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

}  // namespace

void AddWitnessVerbs(CLI::App& audit, CommandContext& context) {
  AddVerb(audit, "witnesses",
          "Show which heads partners cosigned, and both notes of each fork",
          "  comity audit witnesses",
          [&context] { return Witnesses(context); });
}

}  // namespace comity
