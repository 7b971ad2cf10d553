#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/cli/command.h"

namespace comity {

// Calls any method of the operator API, "CaseService/CreateCase", with a
// request in text form, under `request_id` if it takes one; returns the
// response's bytes.
absl::StatusOr<std::string> CallByName(CommandContext& who,
                                       const std::string& name,
                                       const std::string& text,
                                       const std::string& request_id = "");

// All methods of the operator API whose request has the field.
std::vector<std::string> OperatorMethodsWith(const std::string& field);

}  // namespace comity
