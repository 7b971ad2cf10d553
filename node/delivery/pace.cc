#include "node/delivery/pace.h"

#include <algorithm>

namespace comity {

void Pace::Succeeded(absl::Time now) {
  failures_ = 0;
  away_ = false;
  ended_ = now;
  due_ = now + limits_.idle;
}

void Pace::Failed(absl::Time now, bool away) {
  absl::Duration longest = limits_.first;
  for (int i = 0; i < failures_ && longest < limits_.last; ++i) longest *= 2;
  longest = std::min(longest, limits_.last);
  const auto jitter = static_cast<unsigned char>(random_.Bytes(1)[0]);
  ++failures_;
  away_ = away;
  ended_ = now;
  due_ = now + longest * (1.0 - jitter / 512.0);
}

void Pace::Queued(absl::Time now) {
  if (!away_) due_ = std::min(due_, now);
}

void Pace::SignOfLife(absl::Time now) {
  if (!failing()) return;
  failures_ = 1;
  due_ = std::min(due_, std::max(now, ended_ + limits_.apart));
}

}  // namespace comity
