#pragma once

#include "absl/strings/string_view.h"

namespace comity {

// A file of policy/templates, labels or indicators as it was when this program
// was built, by its path below policy/, such as "labels/fr.labels". Empty if
// there is none.
absl::string_view EmbeddedText(absl::string_view path);

}  // namespace comity
