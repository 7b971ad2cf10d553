#pragma once

#include <string>

#include "comity/operators/v1/table_service.pb.h"
#include "node/audit/commit_writer.h"
#include "node/policy/decision.h"
#include "node/policy/facts.h"
#include "node/service/operator_gate.h"
#include "node/service/table_protection.h"
#include "node/store/store.h"

namespace comity {

// Epsilon that tables of one published period told, in thousandths, and delta,
// in trillionths (policy/budgets.h): counted in the store as cells are
// (table_budgets.h), each for each asker under whatever agreement and for all
// askers together, in a window that is the period and so never ends. A table is
// charged to an asker when she is given it first, and to all when anybody is.

// Fills what was told of the period so far.
absl::Status ReadEpsilonSpent(const std::string& period,
                              const ParticipantCode& asker,
                              const StoreReader& reader, StateFacts& state);

// Fills what this answer would add.
absl::Status ReadEpsilonCost(const ProtectedAnswer& answer,
                             const ParticipantCode& asker,
                             const StoreReader& reader, StateFacts& state);

// Charges the answer, its delta too. PRIVACY_BUDGET_SPENT if that goes over a
// budget of the duties; the caller then commits nothing.
absl::Status ChargeEpsilon(const ProtectedAnswer& answer,
                           const ParticipantCode& asker, const Duties& duties,
                           StoreTransaction& store);

// Adds what each asker of an agreement of differential privacy has had of each
// published period.
absl::Status ListEpsilonBudgets(OperatorCall& call,
                                operators::v1::ListBudgetsResponse& response);

}  // namespace comity
