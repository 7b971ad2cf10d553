#pragma once

#include <gtest/gtest.h>

#include <string>

#include "comity/operators/v1/table_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {

// The epsilon that the node lists as spent by an asker; empty: none is listed.
inline operators::v1::EpsilonBudget EpsilonBudgetOf(TestParticipant& node,
                                                    const std::string& asker) {
  using Tables = operators::v1::TableService;
  const auto response =
      node.As("ANLTP", Role::kStatistician, "stat")
          .Call<Tables, operators::v1::ListBudgetsResponse>(
              &Tables::Stub::ListBudgets, operators::v1::ListBudgetsRequest());
  EXPECT_OK(response);
  if (!response.ok()) return {};
  for (const auto& budget : response->epsilon_budgets()) {
    if (budget.asker() == asker) return budget;
  }
  return {};
}

}  // namespace comity
