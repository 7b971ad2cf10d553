#include "node/daemon/flood_record.h"

#include <algorithm>
#include <set>

namespace comity {
namespace {

// As long as a handshake may last (listener.cc).
constexpr absl::Duration kHandshake = absl::Seconds(3);
constexpr absl::Duration kStrikeLasts = absl::Hours(1);
constexpr size_t kMostKept = 4096;

template <typename T>
void Keep(T value, std::deque<T>& kept) {
  kept.push_back(std::move(value));
  if (kept.size() > kMostKept) kept.pop_front();
}

}  // namespace

void FloodRecord::Accepted(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Keep(now, accepted_);
}

void FloodRecord::LetIn(const ParticipantCode& partner, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Keep({partner, now}, entrances_);
}

// Whoever is let in within a handshake's time was accepted within one before or
// after the connection.
std::optional<ParticipantCode> FloodRecord::OnlyOneLetIn(
    absl::Time accepted_at) const {
  const auto near =
      std::count_if(accepted_.begin(), accepted_.end(), [&](absl::Time at) {
        return at >= accepted_at - kHandshake && at <= accepted_at + kHandshake;
      });
  std::set<ParticipantCode> partners;
  int64_t let_in = 0;
  for (const Entrance& each : entrances_) {
    if (each.at < accepted_at || each.at > accepted_at + kHandshake) continue;
    partners.insert(each.partner);
    ++let_in;
  }
  if (partners.size() != 1 || let_in < near) return std::nullopt;
  return *partners.begin();
}

std::optional<ParticipantCode> FloodRecord::Blame(
    const std::optional<ParticipantCode>& caller, absl::Time accepted_at,
    absl::Time now) {
  absl::MutexLock lock(&mutex_);
  const auto blamed = caller ? caller : OnlyOneLetIn(accepted_at);
  if (blamed) strikes_[*blamed].push_back(now);
  return blamed;
}

std::vector<ParticipantCode> FloodRecord::TakeDue(absl::Time now) {
  std::vector<ParticipantCode> due;
  absl::MutexLock lock(&mutex_);
  for (auto& [partner, strikes] : strikes_) {
    while (!strikes.empty() && strikes.front() + kStrikeLasts <= now) {
      strikes.pop_front();
    }
    if (strikes.size() < kStrikes) continue;
    strikes.clear();
    due.push_back(partner);
  }
  return due;
}

}  // namespace comity
