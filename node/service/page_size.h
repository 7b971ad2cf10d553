#pragma once

#include <algorithm>

#include "absl/status/statusor.h"
#include "node/base/error_reason.h"

namespace comity {

// How many entries a page holds: what was asked for, at most 500; `usual` if
// nothing was. FIELD_INVALID for less than that.
inline absl::StatusOr<int> PageSize(int asked, int usual = 50) {
  if (asked < 0) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "page_size must not be negative");
  }
  return asked == 0 ? usual : std::min(asked, 500);
}

}  // namespace comity
