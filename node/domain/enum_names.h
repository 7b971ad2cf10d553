#pragma once

#include <array>
#include <cstddef>

#include "absl/strings/string_view.h"

namespace comity {

// Names of enums whose values count from kUnset = 0: one array for each enum,
// indexed by value, "UNSET" first.

// The first name for a value that the enum does not have.
template <typename Enum, size_t N>
absl::string_view NameIn(const std::array<const char*, N>& names, Enum value) {
  const auto index = static_cast<size_t>(value);
  return index < N ? names[index] : names[0];
}

// kUnset for any other text, "UNSET" included.
template <typename Enum, size_t N>
Enum FromNameIn(const std::array<const char*, N>& names,
                absl::string_view name) {
  for (size_t i = 1; i < N; ++i) {
    if (name == names[i]) return static_cast<Enum>(i);
  }
  return Enum::kUnset;
}

}  // namespace comity
