#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "node/domain/table_columns.h"
#include "node/domain/vocabulary.h"

namespace comity {

// What a measure is made of. PERSONS, REFERRALS, which their sender counts, and
// REFERRALS_RECEIVED, which their receiver counts, are counts; the others are
// quantiles of a duration between two events of a referral that was sent.

// Whose rows it reads: its dimensions and filters are columns of that unit.
CountedUnit UnitOf(Measure measure);

// The column of durations that a quantile reads, and which quantile it is.
struct DurationQuantile {
  const char* column;
  uint32_t percent;  // 50: the median
};
// nullopt for a count.
std::optional<DurationQuantile> QuantileOf(Measure measure);

// What figures are numbers of: "persons", "referrals", "working days", "days".
absl::string_view FigureUnit(Measure measure);

// "persons", "median of working days from sending to acceptance".
std::string MeasureWords(Measure measure);

// The measure of a name in a message: that of a peer which names none is
// PERSONS, kUnset for a name that this build does not know.
Measure MeasureNamed(absl::string_view name);
// Back again: "" for PERSONS, so that answers read as they always did.
std::string NameInMessages(Measure measure);

// All names, "PERSONS" first.
std::vector<std::string> MeasureNames();

}  // namespace comity
