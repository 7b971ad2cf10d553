#include "node/daemon/flood_record.h"

#include <algorithm>
#include <set>

#include "node/daemon/listener_limits.h"

namespace comity {
namespace {

constexpr absl::Duration kStrikeLasts = absl::Hours(1);
constexpr size_t kMostKept = 4096;

template <typename T>
void Keep(T value, std::deque<T>& kept) {
  kept.push_back(std::move(value));
  if (kept.size() > kMostKept) kept.pop_front();
}

}  // namespace

void FloodRecord::Accepted(const std::string& address, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Keep({address, now}, arrivals_);
}

void FloodRecord::Ended(const std::string& address, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  for (auto at = arrivals_.rbegin(); at != arrivals_.rend(); ++at) {
    if (at->address != address) continue;
    at->ended_at = std::min(at->ended_at, now);
    return;
  }
}

void FloodRecord::LetIn(const ParticipantCode& partner, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Keep({partner, now}, entrances_);
}

// Nobody who was accepted before that can be let in after it: a handshake's
// time came before it in which nobody was accepted who was still there at its
// end.
absl::Time FloodRecord::QuietBefore(absl::Time accepted_at) const {
  absl::Time since = accepted_at;
  for (auto at = arrivals_.rbegin(); at != arrivals_.rend(); ++at) {
    if (at->at >= since || at->ended_at < since) continue;
    if (at->at < since - kHandshakeTimeout) break;
    since = at->at;
  }
  return since;
}

std::optional<ParticipantCode> FloodRecord::OnlyOneLetIn(
    absl::Time accepted_at) const {
  const absl::Time since = QuietBefore(accepted_at);
  const auto accepted =
      std::count_if(arrivals_.begin(), arrivals_.end(),
                    [since](const Arrival& each) { return each.at >= since; });
  std::set<ParticipantCode> partners;
  int64_t let_in = 0;
  for (const Entrance& each : entrances_) {
    if (each.at < since) continue;
    partners.insert(each.partner);
    ++let_in;
  }
  if (partners.size() != 1 || let_in < accepted) return std::nullopt;
  return *partners.begin();
}

std::optional<ParticipantCode> FloodRecord::Blame(
    const std::optional<ParticipantCode>& caller, absl::Time accepted_at,
    absl::Time now) {
  absl::MutexLock lock(&mutex_);
  auto blamed = caller ? caller : OnlyOneLetIn(accepted_at);
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
