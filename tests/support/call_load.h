#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include "absl/status/status.h"

namespace comity {

// Calls again and again in a thread of its own until told to stop, and keeps
// what failed. Stop it before what `call` borrows ends.
class CallLoad {
 public:
  explicit CallLoad(std::function<absl::Status()> call)
      : thread_([this, call = std::move(call)] {
          while (!stopping_) {
            const absl::Status status = call();
            ++calls_;
            if (!status.ok()) failed_ = status;
          }
        }) {}
  // The last failure, if any; once.
  absl::Status Stop() {
    stopping_ = true;
    thread_.join();
    return failed_;
  }
  int calls() const { return calls_; }

 private:
  std::atomic<bool> stopping_ = false;
  std::atomic<int> calls_ = 0;
  absl::Status failed_;
  std::thread thread_;
};

}  // namespace comity
