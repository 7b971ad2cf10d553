#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace comity {

// How great a risk is, as assessed by people. The numbers equal those of the
// wire.
enum class RiskLevel : uint8_t { kUnset = 0, kLow = 1, kMedium = 2, kHigh = 3 };

// The second person's word that a drafted referral may go (domain.md 1.2, S2).
// Immutable value; stays in the holder's own house.
struct RiskClearance {
  RiskLevel risk = RiskLevel::kUnset;
  absl::Time assessed_at = absl::InfinitePast();
  absl::Time cleared_at = absl::InfinitePast();
  std::string cleared_by;  // operator name
  // When her time to recover and reflect ends; nullopt: she waived it.
  std::optional<absl::Time> reflection_ends_at;

  friend bool operator==(const RiskClearance&, const RiskClearance&) = default;
};

// Whether the assessment behind it is not older than 30 days.
bool Stands(const RiskClearance& clearance, absl::Time now);

// LOCAL_ACCESS_DENIED if the person who drafted the referral clears it herself;
// FIELD_INVALID unless the assessment names a level and a time of the last 30
// days, and the reflection period ends within a year.
absl::Status CheckClearance(const RiskClearance& clearance,
                            absl::string_view drafted_by, absl::Time now);

// "MEDIUM"; "UNSET" for zero.
absl::string_view Name(RiskLevel level);

}  // namespace comity
