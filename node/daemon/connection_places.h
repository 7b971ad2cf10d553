#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace comity {

// An open connection of a listener whose places are all taken.
struct HeldPlace {
  std::string address;
  std::string caller;  // whose calls came over it; empty: none came
  absl::Time accepted_at;
};

// How long a connection may take until its first call, at the least: it shakes
// hands, over a slow line, and calls.
inline constexpr absl::Duration kTimeForACall = absl::Seconds(3);

// Whose connection gives way to one more, by address: the oldest of those over
// which no call came in time, else the oldest of the caller who holds most, if
// these are more than `kept`. nullopt: none, and the new one is turned away.
std::optional<std::string> WhoGivesWay(const std::vector<HeldPlace>& places,
                                       size_t kept, absl::Time now);

}  // namespace comity
