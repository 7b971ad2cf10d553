#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace comity {

// The error of a failed call as it travels in grpc-status-details-bin
// (proto/comity/v1/error.proto). Internal errors say nothing but that they are.
std::string FormatErrorDetails(const absl::Status& status);

// The error that `details` describes; without details an error of `code` whose
// reason follows from the code alone.
absl::Status ParseErrorDetails(int code, absl::string_view message,
                               absl::string_view details);

// What the caller is told: the message, or a fixed sentence for internal
// errors, which must not describe the inside.
std::string PublicMessage(const absl::Status& status);

}  // namespace comity
