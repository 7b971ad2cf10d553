#pragma once

#include <string>

#include "comity/operators/v1/table_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// Where the cells that an asker was given under an agreement are counted, and
// in which window: a calendar year (UTC). Persisted, so that a restart gives
// nothing back.
std::string BudgetCounter(const std::string& asker,
                          const std::string& agreement_id);
std::string BudgetWindow(absl::Time now);

// See TableService.ListBudgets.
absl::Status HandleListBudgets(OperatorCall& call,
                               const operators::v1::ListBudgetsRequest& request,
                               operators::v1::ListBudgetsResponse& response);

}  // namespace comity
