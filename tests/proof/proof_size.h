#pragma once

#include <cstdint>
#include <cstdlib>

#include "absl/strings/numbers.h"

namespace comity {

// How much a proof does: the variable's number, or `usual`.
inline uint64_t SizeOf(const char* variable, uint64_t usual) {
  const char* text = std::getenv(variable);
  uint64_t size = 0;
  return text != nullptr && absl::SimpleAtoi(text, &size) ? size : usual;
}

}  // namespace comity
