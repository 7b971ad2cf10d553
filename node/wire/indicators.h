#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "comity/policy/v1/indicators.pb.h"
#include "node/domain/table_scope.h"

namespace comity {

// The catalogue that this program was built with, in its order, those that are
// not collected too. INTERNAL if it does not load: the tests hold it to load,
// and to name tables that may leave.
absl::StatusOr<std::vector<policy::v1::Indicator>> AllIndicators();

// The indicator "Q2/1", or the latest version of "Q2". FIELD_INVALID naming
// what there is if there is none.
absl::StatusOr<policy::v1::Indicator> FindIndicator(absl::string_view name);

// FIELD_INVALID, saying why, if the indicator is not collected.
absl::Status CheckCollected(const policy::v1::Indicator& indicator);

// "Q2/1".
std::string IndicatorName(const policy::v1::Indicator& indicator);

// Its table. FIELD_INVALID if a column is unknown or stands twice.
absl::StatusOr<TableShape> ShapeOf(const policy::v1::Indicator& indicator);

// Reads a catalogue file as strictly as a policy file.
absl::StatusOr<std::vector<policy::v1::Indicator>> ReadIndicators(
    absl::string_view text);

}  // namespace comity
