#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace comity {

// How much may be sent that no call explains, in bytes.
struct ByteLimits {
  uint64_t unexplained = 0;    // by one connection, at any moment
  uint64_t per_second = 1024;  // pings, settings and health checks
  uint64_t handshake = 8192;   // TLS and HTTP/2, for each connection
};

// Holds what a connection has sent against the calls that came over it. gRPC
// 1.51 contains neither streams that are reset at once nor frames without end
// (security.md 5): it shows them to no handler. But every byte came through
// our socket, and a call that reached its handler explains some; who sends more
// than the limit that nothing explains is no peer that speaks the protocol.
// What calls explain beyond their bytes is not credit for later. Not
// thread-safe.
class ByteAccount {
 public:
  // A connection opened at `now`, when its address had explained `explained`.
  ByteAccount(absl::Time now, uint64_t explained)
      : at_(now), explained_(explained) {}

  // Takes in how much was received and explained since the connection opened;
  // true if more than the limit is unexplained. An explained sum that shrank
  // was begun anew; a received one that shrank is read again later.
  bool Exceeds(uint64_t received, uint64_t explained, absl::Time now,
               const ByteLimits& limits) {
    if (explained < explained_) explained_ = 0;
    received = std::max(received, received_);
    at_ = std::min(at_, now);  // a clock may be set back
    const double passed = absl::ToDoubleSeconds(now - at_) *
                          static_cast<double>(limits.per_second);
    // A day of silence explains no more than the limit.
    const uint64_t drained = static_cast<uint64_t>(
        std::min(passed, static_cast<double>(limits.unexplained)));
    const uint64_t gone = drained + (explained - explained_);
    const uint64_t owed = unexplained_ + (received - received_);
    unexplained_ = owed > gone ? owed - gone : 0;
    // Less than a byte's time stays for the next look.
    if (drained > 0) at_ = now;
    received_ = received;
    explained_ = explained;
    return unexplained_ > limits.unexplained;
  }

  uint64_t unexplained() const { return unexplained_; }

 private:
  absl::Time at_;
  uint64_t explained_;
  uint64_t received_ = 0;
  uint64_t unexplained_ = 0;
};

// What the connections of one host that have ended sent unexplained, so that
// many short ones gain nothing over a long one. Not thread-safe.
class ByteDebt {
 public:
  explicit ByteDebt(absl::Time now) : at_(now) {}

  // A connection has ended with so much unexplained.
  void Add(uint64_t unexplained, absl::Time now, const ByteLimits& limits) {
    owed_ = Owed(now, limits);
    at_ = now;
    if (unexplained > limits.handshake) owed_ += unexplained - limits.handshake;
  }

  // What is left of it at `now`.
  uint64_t Owed(absl::Time now, const ByteLimits& limits) const {
    const double left = static_cast<double>(owed_) -
                        std::max(0.0, absl::ToDoubleSeconds(now - at_)) *
                            static_cast<double>(limits.per_second);
    return left > 0 ? static_cast<uint64_t>(left) : 0;
  }

 private:
  absl::Time at_;
  uint64_t owed_ = 0;
};

}  // namespace comity
