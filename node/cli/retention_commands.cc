#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "comity/operators/v1/retention_service.grpc.pb.h"
#include "node/cli/command.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Retention = pb::RetentionService;
using Items = google::protobuf::RepeatedPtrField<pb::RetentionItem>;

std::string WhyOf(const pb::RetentionItem& item) {
  std::string why = item.cause();
  if (!item.agreement_id().empty()) {
    absl::StrAppend(&why, " of ", item.agreement_id());
  }
  if (!item.hold_ground().empty()) {
    absl::StrAppend(&why, ", kept until then: ", item.hold_ground());
  }
  return why;
}

void PrintItems(const Items& items) {
  std::vector<std::vector<std::string>> rows = {
      {"DUE", "WHAT", "ID", "PARTNER", "WHY"}};
  for (const pb::RetentionItem& item : items) {
    rows.push_back({TimeText(item.due_at()), item.kind(), item.id(),
                    item.partner().empty() ? "-" : item.partner(),
                    WhyOf(item)});
  }
  PrintTable(rows);
}

absl::Status Show(CommandContext& context) {
  ASSIGN_OR_RETURN(
      const auto response,
      (context.Call<Retention, pb::GetRetentionResponse>(
          &Retention::Stub::GetRetention, pb::GetRetentionRequest())));
  if (context.PrintedJson(response)) return absl::OkStatus();
  if (response.items().empty()) {
    printf("nothing has a date on which it is erased\n");
    return absl::OkStatus();
  }
  PrintItems(response.items());
  return absl::OkStatus();
}

// All that is due, however many calls it takes, as one response.
absl::Status Run(CommandContext& context, bool clock_is_right) {
  pb::PurgeDueResponse all;
  do {
    pb::PurgeDueRequest request;
    request.set_request_id(context.NewRequestId());
    request.set_clock_is_right(clock_is_right);
    ASSIGN_OR_RETURN(const auto page,
                     (context.Call<Retention, pb::PurgeDueResponse>(
                         &Retention::Stub::PurgeDue, request)));
    all.MergeFrom(page);
    all.set_more(page.more());
  } while (all.more());
  if (context.PrintedJson(all)) return absl::OkStatus();
  if (all.purged().empty()) {
    printf("nothing is due (entry %s)\n", all.audit_entry_id().c_str());
    return absl::OkStatus();
  }
  PrintItems(all.purged());
  printf("erased %d (entry %s)\n", all.purged_size(),
         all.audit_entry_id().c_str());
  return absl::OkStatus();
}

}  // namespace

void AddRetentionCommands(CLI::App& app, CommandContext& context) {
  CLI::App* noun = app.add_subcommand(
      "retention", "What is erased by time, and under which duty or period");
  noun->require_subcommand(1);
  AddVerb(*noun, "show", "What is erased when and why; ids only",
          "  comity retention show\n  comity --json retention show",
          [&context] { return Show(context); });
  const auto right = std::make_shared<bool>(false);
  CLI::App* run = AddVerb(
      *noun, "run", "Erase what is due now; the node does it by itself as well",
      "  comity retention run\n  comity retention run --clock-is-right",
      [&context, right] { return Run(context, *right); });
  run->add_flag("--clock-is-right", *right,
                "You looked at the node's clock: erase by it, though comity "
                "status says that the node does not believe it");
}

}  // namespace comity
