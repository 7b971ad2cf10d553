#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace comity {

// The codes of a closed list, such as "gender"; empty for an unknown list.
const std::vector<std::string>& CodesOf(absl::string_view list);

// The code that `text` stands for: its own spelling, letter case, underscores
// and spaces aside, or a known alias. Empty if there is none.
std::string CodeFor(absl::string_view list, absl::string_view text);

}  // namespace comity
