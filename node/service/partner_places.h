#pragma once

#include <algorithm>
#include <cstddef>
#include <map>

#include "node/domain/participant.h"

namespace comity {

// The places of a node for calls that run at once. Some are each partner's own
// and kept for it, whatever the others do; the rest are everybody's, up to a
// partner's bound. Whose a call is its certificate says: hosts, connections
// and certificates do not count. Not thread-safe.
class PartnerPlaces {
 public:
  // `each`: what one partner may have, `all`: what all together.
  PartnerPlaces(int each, int all)
      : each_(std::max(each, 1)), all_(std::max(all, 1)) {}

  // Takes a place for one of so many partners; false if there is none for it.
  bool Enter(const ParticipantCode& partner, size_t partners) {
    const int own = OwnOfEach(partners);
    int& running = running_[partner];
    if (running >= each_) return false;
    if (running >= own && SharedTaken(own) >= Shared(own, partners)) {
      return false;
    }
    ++running;
    return true;
  }

  // Gives it back.
  void Leave(const ParticipantCode& partner) { --running_[partner]; }

 private:
  static constexpr int kOwn = 4;

  // At least one: of more partners than places each has one all the same.
  int OwnOfEach(size_t partners) const {
    const auto even = static_cast<size_t>(all_) / std::max<size_t>(partners, 1);
    return std::min({kOwn, each_, static_cast<int>(std::max<size_t>(even, 1))});
  }
  int Shared(int own, size_t partners) const {
    const size_t kept = static_cast<size_t>(own) * partners;
    return kept < static_cast<size_t>(all_) ? all_ - static_cast<int>(kept) : 0;
  }
  // Of everybody's places.
  int SharedTaken(int own) const {
    int taken = 0;
    for (const auto& [partner, running] : running_) {
      taken += std::max(0, running - own);
    }
    return taken;
  }

  int each_;
  int all_;
  std::map<ParticipantCode, int> running_;
};

}  // namespace comity
