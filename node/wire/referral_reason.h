#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace comity {

// The HTCDS code for why somebody is referred (cas_ReasonForOutgoingReferral)
// that people mean by `text`; empty for none. FIELD_INVALID, naming all of
// them, if there is no such code.
absl::StatusOr<std::string> ReferralReasonCode(absl::string_view text);

// Whether it is one of them, in its own spelling, or none.
bool IsReferralReason(absl::string_view code);

}  // namespace comity
