#include "node/cli/budget_commands.h"

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/domain/thousandths.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Tables = pb::TableService;

// "3e-9" for 3000 trillionths.
std::string DeltaText(uint32_t trillionths) {
  constexpr uint32_t kTen = 10;
  int exponent = 12;
  while (trillionths != 0 && trillionths % kTen == 0) {
    trillionths /= kTen;
    --exponent;
  }
  return trillionths == 0 ? "0" : absl::StrCat(trillionths, "e-", exponent);
}

// What is left of a budget, which may have been lowered since.
std::string Left(uint32_t allowed, uint32_t spent) {
  return ThousandthsText(allowed > spent ? allowed - spent : 0);
}

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
  if (!response.linked_table_budgets().empty()) {
    printf("\n");
    PrintTable(LinkedRows(response));
  }
  if (response.epsilon_budgets().empty()) return absl::OkStatus();
  printf("\n");
  PrintTable(EpsilonRows(response));
  const auto deltas = DeltaRows(response);
  if (deltas.size() == 1) return absl::OkStatus();
  printf("\n");
  PrintTable(deltas);
  return absl::OkStatus();
}

}  // namespace

std::vector<std::vector<std::string>> EpsilonRows(
    const pb::ListBudgetsResponse& response) {
  std::vector<std::vector<std::string>> rows = {
      {"asker", "agreement", "period", "epsilon spent", "left",
       "spent by all askers", "left for all"}};
  for (const pb::EpsilonBudget& budget : response.epsilon_budgets()) {
    rows.push_back({budget.asker(), budget.agreement_id(), budget.period(),
                    ThousandthsText(budget.spent()),
                    Left(budget.allowed(), budget.spent()),
                    ThousandthsText(budget.spent_by_all()),
                    Left(budget.allowed_for_all(), budget.spent_by_all())});
  }
  return rows;
}

std::vector<std::vector<std::string>> DeltaRows(
    const pb::ListBudgetsResponse& response) {
  std::vector<std::vector<std::string>> rows = {{"asker", "agreement", "period",
                                                 "delta spent",
                                                 "spent by all askers", "of"}};
  for (const pb::EpsilonBudget& budget : response.epsilon_budgets()) {
    if (budget.delta_allowed() == 0) continue;
    rows.push_back({budget.asker(), budget.agreement_id(), budget.period(),
                    DeltaText(budget.delta_spent()),
                    DeltaText(budget.delta_spent_by_all()),
                    DeltaText(budget.delta_allowed())});
  }
  return rows;
}

std::vector<std::vector<std::string>> LinkedRows(
    const pb::ListBudgetsResponse& response) {
  std::vector<std::vector<std::string>> rows = {
      {"asker", "agreement", "period", "revision", "tables that share columns",
       "of"}};
  for (const pb::LinkedTableBudget& budget : response.linked_table_budgets()) {
    rows.push_back({budget.asker(), budget.agreement_id(), budget.period(),
                    absl::StrCat(budget.revision()),
                    absl::StrCat(budget.given()),
                    absl::StrCat(budget.allowed())});
  }
  return rows;
}

void AddBudgetCommands(CLI::App& app, CommandContext& context) {
  CLI::App* noun = app.add_subcommand("budget", "What partners may still ask");
  noun->require_subcommand(1);
  AddVerb(*noun, "show",
          "Show the cells, linked tables, epsilon and delta that each asker "
          "was given",
          "  comity budget show", [&context] { return Show(context); });
}

}  // namespace comity
