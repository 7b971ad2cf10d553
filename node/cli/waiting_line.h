#pragma once

#include <functional>
#include <string>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace comity {

// While a call of many answers runs: one line that says for how long, anew with
// each tick. Gone when it ends.
class WaitingLine {
 public:
  using Show = std::function<void(const std::string& text)>;

  // On a terminal, each second; nowhere if `quiet` or where there is none.
  WaitingLine(const std::string& what, bool quiet);
  // As `show` shows it, from a thread of its own; "" at the end.
  WaitingLine(const std::string& what, absl::Duration tick, Show show);
  ~WaitingLine();
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;

 private:
  void Run(const std::string& what, absl::Duration tick);

  const Show show_;
  absl::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // none where nothing is shown
};

}  // namespace comity
