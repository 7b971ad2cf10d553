#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "node/domain/caller.h"

namespace comity {

// Whose certificates were judged lately. Each participant has places of its
// own, for more certificates than an honest node presents at once: one that
// presents others all the time takes its own ones out and nobody else's. Not
// thread-safe.
class IdentifiedCallers {
 public:
  static constexpr size_t kMostOfOne = 16;
  static constexpr size_t kLongest = size_t{8} * 1024;

  // Nullopt: judge it.
  std::optional<Caller> Find(absl::string_view pem) const {
    const auto found = callers_.find(pem);
    if (found == callers_.end()) return std::nullopt;
    return found->second;
  }

  // What is longer than kLongest is not kept.
  void Keep(absl::string_view pem, const Caller& caller) {
    if (pem.size() > kLongest) return;
    size_t& kept = kept_[caller.participant];
    if (kept >= kMostOfOne) {
      std::erase_if(callers_, [&](const auto& each) {
        return each.second.participant == caller.participant;
      });
      kept = 0;
    }
    if (callers_.emplace(std::string(pem), caller).second) ++kept;
  }

  void Clear() {
    callers_.clear();
    kept_.clear();
  }

 private:
  std::map<std::string, Caller, std::less<>> callers_;  // by PEM
  std::map<ParticipantCode, size_t> kept_;
};

}  // namespace comity
