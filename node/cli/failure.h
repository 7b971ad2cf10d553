#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "node/base/error_reason.h"

namespace comity {

// How a command that failed says so: the exit code, and what is printed.

// The exit code of a command that ended with `status` (policy.md section 6).
int ExitCode(const absl::Status& status);

// The next thing to try after `reason`; `command` is what was run, such as
// "comity case import".
std::string NextStep(ErrorReason reason, absl::string_view command);

// What goes to stderr: three lines for people (what failed, why, what to do),
// or one JSON object on one line.
std::string FormatFailure(const absl::Status& status, absl::string_view command,
                          bool json);

}  // namespace comity
