#include "node/disclosure/stated_error.h"

#include <cmath>

#include "node/disclosure/cell_key.h"
#include "node/disclosure/noise_protection.h"
#include "node/disclosure/noise_table.h"
#include "node/disclosure/suppression.h"

namespace comity {

std::optional<StatedError> ErrorOf(absl::string_view method) {
  if (method == kCellKeyMethod) {
    constexpr double kNormal95 = 1.96;
    return StatedError{kLargestNoise, kNoiseVariance,
                       kNormal95 * std::sqrt(double{kNoiseVariance})};
  }
  if (method == kSuppressionMethod) return StatedError{};
  if (const auto terms = NoiseTerms::Parse(method)) {
    return StatedError{StatedError::kUnbounded, terms->Variance(),
                       static_cast<double>(terms->error95)};
  }
  return std::nullopt;
}

}  // namespace comity
