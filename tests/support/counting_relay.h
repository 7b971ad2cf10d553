#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <string>
#include <thread>

#include "absl/synchronization/mutex.h"

namespace comity {

// Takes connections at one address, passes what comes on to another, both ways,
// and counts it: all that TCP carries, so TLS and HTTP/2 with it, and neither
// TCP's nor IP's own headers. Where nobody takes the connection there, it is
// closed here.
class CountingRelay {
 public:
  // "127.0.0.1:PORT" each. Aborts the test program if `here` cannot be bound.
  CountingRelay(const std::string& here, const std::string& there);
  ~CountingRelay();
  CountingRelay(const CountingRelay&) = delete;
  CountingRelay& operator=(const CountingRelay&) = delete;

  uint64_t bytes() const { return bytes_; }
  uint64_t connections() const { return connections_; }

 private:
  // One connection with its two halves.
  struct Link {
    int near = -1;
    int far = -1;
    std::thread there;
    std::thread back;
  };

  void Accept();
  void Pump(int from, int to);

  const std::string there_;
  const int listening_;
  std::atomic<uint64_t> bytes_ = 0;
  std::atomic<uint64_t> connections_ = 0;
  absl::Mutex mutex_;
  std::list<Link> links_ ABSL_GUARDED_BY(mutex_);
  std::thread accepting_;
};

}  // namespace comity
