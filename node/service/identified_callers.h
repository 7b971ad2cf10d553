#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "node/domain/caller.h"

namespace comity {

// Whose certificates were judged lately. Each participant has places of its
// own, for more certificates than an honest node presents at once: one that
// presents others all the time takes its own ones out and nobody else's. Not
// thread-safe.
class IdentifiedCallers {
 public:
  static constexpr size_t kMostOfOne = 16;

  // By the certificate's `id`; nullopt: judge it.
  std::optional<Caller> Find(const std::string& id) const {
    const auto found = callers_.find(id);
    if (found == callers_.end()) return std::nullopt;
    return found->second;
  }

  void Keep(const std::string& id, const Caller& caller) {
    size_t& kept = kept_[caller.participant];
    if (kept >= kMostOfOne) {
      std::erase_if(callers_, [&](const auto& each) {
        return each.second.participant == caller.participant;
      });
      kept = 0;
    }
    if (callers_.emplace(id, caller).second) ++kept;
  }

  void Clear() {
    callers_.clear();
    kept_.clear();
  }

 private:
  std::map<std::string, Caller> callers_;  // by id
  std::map<ParticipantCode, size_t> kept_;
};

}  // namespace comity
