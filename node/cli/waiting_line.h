#pragma once

#include <functional>
#include <string>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace comity {

// While a call of many answers runs: one line that says how many have come, if
// it can be told, and for how long, anew with each tick. Gone when it ends.
class WaitingLine {
 public:
  using Show = std::function<void(const std::string& text)>;

  // "3 of 16 answered"; empty: not known. Called with each tick by the thread
  // that shows the line, and never where none is shown; the end waits for it.
  using SoFar = std::function<std::string()>;

  // On a terminal, each second; nowhere if `quiet` or where there is none.
  WaitingLine(const std::string& what, bool quiet, SoFar so_far = nullptr);
  // As `show` shows it, from a thread of its own; "" at the end.
  WaitingLine(const std::string& what, absl::Duration tick, Show show,
              SoFar so_far = nullptr);
  ~WaitingLine();
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;

 private:
  void Run(const std::string& what, absl::Duration tick);
  // "asking NE, NG: 1 of 2 answered, 5 s".
  std::string Text(const std::string& what, absl::Duration since) const;

  const Show show_;
  const SoFar so_far_;
  absl::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // none where nothing is shown
};

}  // namespace comity
