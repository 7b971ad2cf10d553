#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace comity {

// How far the figures of a method lie from the counts behind them: what is told
// with every table.
struct StatedError {
  static constexpr uint32_t kUnbounded = UINT32_MAX;

  uint32_t largest = 0;  // no figure is further off
  double variance = 0;   // on average over many figures; they are unbiased
  double within_95 = 0;  // no figure is further off in 95 of 100 cases
};

// nullopt for a method that this build does not know.
std::optional<StatedError> ErrorOf(absl::string_view method);

}  // namespace comity
