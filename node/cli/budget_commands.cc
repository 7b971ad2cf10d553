#include "node/cli/budget_commands.h"

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/table_service.grpc.pb.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Tables = pb::TableService;

absl::Status Show(CommandContext& context) {
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Tables, pb::ListBudgetsResponse>(
                       &Tables::Stub::ListBudgets, pb::ListBudgetsRequest())));
  if (context.PrintedJson(response)) return absl::OkStatus();
  if (response.budgets().empty()) {
    printf("no agreement in force lets anybody ask this node for counts\n");
    return absl::OkStatus();
  }
  std::vector<std::vector<std::string>> rows = {
      {"asker", "agreement", "year", "cells used", "of"}};
  for (const pb::Budget& budget : response.budgets()) {
    rows.push_back({budget.asker(), budget.agreement_id(), budget.year(),
                    absl::StrCat(budget.used()),
                    absl::StrCat(budget.allowed())});
  }
  PrintTable(rows);
  return absl::OkStatus();
}

}  // namespace

void AddBudgetCommands(CLI::App& app, CommandContext& context) {
  CLI::App* noun = app.add_subcommand("budget", "What partners may still ask");
  noun->require_subcommand(1);
  AddVerb(*noun, "show", "Show the cells that each asker was given this year",
          "  comity budget show", [&context] { return Show(context); });
}

}  // namespace comity
