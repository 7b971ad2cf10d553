#pragma once

#include <atomic>
#include <cstdint>
#include <deque>

#include "absl/time/time.h"

namespace comity {

// Counts connections that ended inside TLS, before the node could judge whose
// they are: an unknown authority, or no TLS at all. gRPC does not tell of them,
// but each connection is accepted here and judged here, and what was accepted
// longer ago than a handshake may last and was never judged has failed. Judged
// may be called by any thread, the rest by one.
class HandshakeTally {
 public:
  void Judged() { ++judged_; }

  // How many more have failed since the last call; `accepted` counts all
  // connections so far. To be called about once a second.
  uint64_t TakeFailed(uint64_t accepted, absl::Time now);

 private:
  struct Sample {
    absl::Time at;
    uint64_t accepted;
  };
  std::atomic<uint64_t> judged_ = 0;
  uint64_t taken_ = 0;
  std::deque<Sample> samples_;  // at most one older than a handshake
};

}  // namespace comity
