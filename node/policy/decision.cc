#include "node/policy/decision.h"

#include <algorithm>

namespace comity {
namespace {

// Zero means that no file asks for it, so it is the neutral element.
uint32_t Stricter(uint32_t a, uint32_t b, bool smaller_is_stricter) {
  if (a == 0 || b == 0) return std::max(a, b);
  return smaller_is_stricter ? std::min(a, b) : std::max(a, b);
}

// AGE_BAND_5 < AGE_BAND_10 < MASK; COUNTRY_ONLY, YEAR_ONLY < MASK; pairs that
// cannot be compared become MASK.
Redaction Coarser(Redaction a, Redaction b) {
  if (a == b) return a;
  const bool ages = std::min(a, b) == Redaction::kAgeBand5 &&
                    std::max(a, b) == Redaction::kAgeBand10;
  return ages ? Redaction::kAgeBand10 : Redaction::kMask;
}

}  // namespace

Duties Join(const Duties& a, const Duties& b) {
  Duties joined = a;
  for (const auto& [group, how] : b.redact) {
    const auto [at, added] = joined.redact.emplace(group, how);
    if (!added) at->second = Coarser(at->second, how);
  }
  joined.max_per_day = Stricter(a.max_per_day, b.max_per_day, true);
  joined.k_threshold = Stricter(a.k_threshold, b.k_threshold, false);
  joined.yearly_budget = Stricter(a.yearly_budget, b.yearly_budget, true);
  return joined;
}

}  // namespace comity
