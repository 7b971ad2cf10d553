#pragma once

#include <algorithm>

#include "absl/time/time.h"

namespace comity {

// Lets `rate` things a second pass on average, and `burst` at once after a
// pause. Not thread-safe.
class TokenBucket {
 public:
  TokenBucket(double rate, double burst, absl::Time now)
      : rate_(rate), burst_(burst), tokens_(burst), at_(now) {}

  // True if one more may pass at `now`; a clock that was set back adds nothing.
  bool Take(absl::Time now) {
    const double passed = std::max(0.0, absl::ToDoubleSeconds(now - at_));
    tokens_ = std::min(burst_, tokens_ + passed * rate_);
    at_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

  // What passed costs so much more: a debt that is paid before more passes.
  void Charge(double more) { tokens_ -= more; }

 private:
  double rate_;
  double burst_;
  double tokens_;
  absl::Time at_;
};

}  // namespace comity
