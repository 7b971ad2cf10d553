#pragma once

#include <cstdint>
#include <numeric>
#include <string>

#include "absl/strings/str_cat.h"

namespace comity {

// "1/2" for 500, "2" for 2000: a fraction in lowest terms is written alike in
// every language, a decimal is not.
inline std::string ThousandthsText(uint32_t thousandths) {
  constexpr uint32_t kThousand = 1000;
  const uint32_t divisor = std::gcd(thousandths, kThousand);
  const uint32_t below = kThousand / divisor;
  return below == 1 ? absl::StrCat(thousandths / divisor)
                    : absl::StrCat(thousandths / divisor, "/", below);
}

}  // namespace comity
