#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace comity {

// That many addresses "127.0.0.1:PORT" that nobody uses, chosen by the system,
// no two the same. Nothing holds them afterwards. Thread-safe.
// Errors: STORE_UNAVAILABLE when the system gives no port.
absl::StatusOr<std::vector<std::string>> FreeAddresses(size_t count);

}  // namespace comity
