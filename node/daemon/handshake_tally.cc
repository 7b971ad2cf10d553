#include "node/daemon/handshake_tally.h"

namespace comity {
namespace {

// The listener gives a handshake 3 seconds.
constexpr absl::Duration kHandshake = absl::Seconds(4);

}  // namespace

uint64_t HandshakeTally::TakeFailed(uint64_t accepted, absl::Time now) {
  if (samples_.empty() || samples_.back().at != now) {
    samples_.push_back({now, accepted});
  }
  while (samples_.size() > 1 && now - samples_[1].at >= kHandshake) {
    samples_.pop_front();
  }
  if (now - samples_.front().at < kHandshake) return 0;
  // Handshakes that are going on may be judged already: they make the number
  // too small for a moment, never too large.
  const uint64_t over = samples_.front().accepted;
  const uint64_t known = judged_ + taken_;
  if (over <= known) return 0;
  taken_ += over - known;
  return over - known;
}

}  // namespace comity
