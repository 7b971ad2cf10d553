#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace comity {

// The HTCDS spl_Type code that people mean by `text`. FIELD_INVALID, naming all
// of them, if there is none.
absl::StatusOr<std::string> ServiceCode(absl::string_view text);

}  // namespace comity
