#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "comity/operators/v1/table_service.pb.h"
#include "node/cli/command.h"

namespace comity {

// Asks members for a table. On a terminal, while it lasts, a line says whom it
// asks and how many of them have answered, as the node counts them.
absl::StatusOr<operators::v1::RequestTableResponse> AskMembers(
    const operators::v1::RequestTableRequest& request, CommandContext& context);

// "3 of 16 answered, 1 gave no answer"; empty where the call does not run (yet,
// or any more).
std::string ProgressText(
    const operators::v1::GetTableProgressResponse& progress);

}  // namespace comity
