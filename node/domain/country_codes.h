#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace comity {

// The ISO 3166 alpha-2 code of a country's alpha-3 code in capitals; empty if
// there is none.
std::string CountryOfAlpha3(absl::string_view alpha3);

}  // namespace comity
