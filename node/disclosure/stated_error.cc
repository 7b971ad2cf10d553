#include "node/disclosure/stated_error.h"

#include "node/disclosure/cell_key.h"
#include "node/disclosure/noise_table.h"
#include "node/disclosure/suppression.h"

namespace comity {

std::optional<StatedError> ErrorOf(absl::string_view method) {
  if (method == kCellKeyMethod) {
    return StatedError{kLargestNoise, kNoiseVariance};
  }
  if (method == kSuppressionMethod) return StatedError{};
  return std::nullopt;
}

}  // namespace comity
