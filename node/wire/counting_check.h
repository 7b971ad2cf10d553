#pragma once

#include <string>
#include <utility>
#include <vector>

#include "comity/policy/v1/policy.pb.h"

namespace comity {

// What is wrong with the duties of a grant of counts: each fault with the field
// of the grant where it stands. A threshold and budgets are needed, and for
// differential privacy epsilon; what it cannot protect is not opened.
std::vector<std::pair<const char*, std::string>> CountingFaults(
    const policy::v1::Agreement& agreement, const policy::v1::Grant& grant);

// Whether the duties say how counts are protected or charged.
bool NamesCounting(const policy::v1::Duties& duties);

}  // namespace comity
