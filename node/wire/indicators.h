#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "comity/policy/v1/indicators.pb.h"

namespace comity {

// The catalogue that this program was built with, in its order. INTERNAL if it
// does not load: the tests hold it to load, and to name tables that may leave.
absl::StatusOr<std::vector<policy::v1::Indicator>> AllIndicators();

// FIELD_INVALID naming what there is if there is none of this id.
absl::StatusOr<policy::v1::Indicator> FindIndicator(absl::string_view id);

// Reads a catalogue file as strictly as a policy file.
absl::StatusOr<std::vector<policy::v1::Indicator>> ReadIndicators(
    absl::string_view text);

}  // namespace comity
