#include "node/daemon/connection_places.h"

#include <map>

namespace comity {
namespace {

struct Held {
  const HeldPlace* oldest = nullptr;
  size_t count = 0;
};

void Add(const HeldPlace& place, Held& held) {
  ++held.count;
  if (held.oldest == nullptr || place.accepted_at < held.oldest->accepted_at) {
    held.oldest = &place;
  }
}

}  // namespace

std::optional<std::string> WhoGivesWay(const std::vector<HeldPlace>& places,
                                       size_t kept, absl::Time now) {
  Held silent;
  std::map<std::string, Held> callers;
  for (const HeldPlace& place : places) {
    if (!place.caller.empty()) {
      Add(place, callers[place.caller]);
    } else if (now - place.accepted_at >= kTimeForACall) {
      Add(place, silent);
    }
  }
  if (silent.oldest != nullptr) return silent.oldest->address;
  Held most;
  for (const auto& [caller, held] : callers) {
    if (held.count > most.count) most = held;
  }
  if (most.count <= kept) return std::nullopt;
  return most.oldest->address;
}

}  // namespace comity
