#pragma once

#include <string>
#include <vector>

#include "comity/operators/v1/table_service.pb.h"
#include "node/cli/command.h"

namespace comity {

// comity budget: what partners may still ask of this node.
void AddBudgetCommands(CLI::App& app, CommandContext& context);

// The table of linked tables that were given and may be, with its heading: by
// asker, agreement and newest revision of a published period.
std::vector<std::vector<std::string>> LinkedRows(
    const operators::v1::ListBudgetsResponse& response);

// The table of delta that Gaussian tables told and may, with its heading, such
// as "3e-9": by asker, agreement that has such tables, and published period.
std::vector<std::vector<std::string>> DeltaRows(
    const operators::v1::ListBudgetsResponse& response);

// The table of epsilon that was told and is left, with its heading: fractions,
// by asker, agreement and published period.
std::vector<std::vector<std::string>> EpsilonRows(
    const operators::v1::ListBudgetsResponse& response);

}  // namespace comity
