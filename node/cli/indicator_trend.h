#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/cli/command.h"

namespace comity {

// The years that a person wrote: each a year or a range, "2014-2018", in order
// and each once. FIELD_INVALID unless they are 2 to 30.
absl::StatusOr<std::vector<std::string>> ReadYears(
    const std::vector<std::string>& written);

// `comity indicator trend`: one indicator through several years.
void AddTrendVerb(CLI::App& indicator_noun, CommandContext& context);

}  // namespace comity
