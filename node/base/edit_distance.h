#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace comity {

// How many letters to insert, remove or exchange to make `b` of `a`: what "did
// you mean" is chosen by.
size_t EditDistance(absl::string_view a, absl::string_view b);

}  // namespace comity
