#include "node/domain/clearance.h"

#include <array>

#include "node/base/error_reason.h"
#include "node/domain/enum_names.h"

namespace comity {
namespace {

constexpr absl::Duration kAssessedWithin = absl::Hours(24 * 30);
constexpr absl::Duration kLongestReflection = absl::Hours(24 * 365);
constexpr std::array kLevels = {"UNSET", "LOW", "MEDIUM", "HIGH"};

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

}  // namespace

bool Stands(const RiskClearance& clearance, absl::Time now) {
  return clearance.risk != RiskLevel::kUnset &&
         now - clearance.assessed_at <= kAssessedWithin;
}

absl::Status CheckClearance(const RiskClearance& clearance,
                            absl::string_view drafted_by, absl::Time now) {
  if (clearance.cleared_by == drafted_by) {
    return ReasonError(ErrorReason::kLocalAccessDenied,
                       "nobody clears the risk of what she drafted herself; "
                       "ask another person to");
  }
  if (clearance.risk == RiskLevel::kUnset) {
    return Invalid("the risk is LOW, MEDIUM or HIGH");
  }
  if (clearance.assessed_at > now || !Stands(clearance, now)) {
    return Invalid("the risk was assessed within the last 30 days");
  }
  if (clearance.reflection_ends_at.has_value() &&
      *clearance.reflection_ends_at > now + kLongestReflection) {
    return Invalid("the time to recover and reflect ends within a year");
  }
  return absl::OkStatus();
}

absl::string_view Name(RiskLevel level) { return NameIn(kLevels, level); }

}  // namespace comity
