#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "node/policy/compiled_policy.h"
#include "tests/support/random_policy.h"

namespace comity {

// A decision's facts out of arbitrary bytes, for mutations and fuzzers. Low
// bytes, and the zeros that follow the last one, say what the rules of `policy`
// ask for; high ones say anything. Every byte string is a case.
RandomCase DecodeCase(const CompiledPolicy& policy, absl::string_view bytes);

// How the engine's verdict on that case differs from the reference's; empty if
// they agree.
std::string DifferenceOn(const CompiledPolicy& policy, absl::string_view bytes);

}  // namespace comity
