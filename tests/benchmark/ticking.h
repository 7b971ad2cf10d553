#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace comity {

// Lets nodes of this process do what the time asks for twice a second, as
// comityd does, until it goes.
class Ticking {
 public:
  explicit Ticking(std::function<void()> tick)
      : thread_([this, tick = std::move(tick)] {
          while (!stopping_) {
            tick();
            absl::SleepFor(absl::Milliseconds(500));
          }
        }) {}
  ~Ticking() {
    stopping_ = true;
    thread_.join();
  }
  Ticking(const Ticking&) = delete;
  Ticking& operator=(const Ticking&) = delete;

 private:
  std::atomic<bool> stopping_ = false;
  std::thread thread_;  // the last: it reads the rest
};

}  // namespace comity
