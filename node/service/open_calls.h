#pragma once

#include <functional>
#include <memory>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "node/base/clock.h"

namespace comity {

// The partners' calls that run, each with the instant at which its caller is
// told DEADLINE_EXCEEDED whatever becomes of its work: a client may ask for any
// deadline, the node keeps its own. Each call is told its outcome exactly once.
// Thread-safe. Borrows the clock. As large as the calls in flight are many.
class OpenCalls {
 public:
  // Tells the caller; a response is filled in before an OK.
  using Tell = std::function<void(const absl::Status&)>;
  using Fill = std::function<void()>;
  struct Call;
  using Handle = std::shared_ptr<Call>;

  // No call may wait longer than `longest`.
  OpenCalls(const Clock& clock, absl::Duration longest)
      : clock_(clock), longest_(longest) {}

  // Opens a call whose client waits for `wanted`, at most `longest`. `hung_up`
  // says whether it gave the call up; asked only until it is told. May be
  // empty.
  Handle Open(absl::Duration wanted, Tell tell,
              std::function<bool()> hung_up = nullptr);
  // Whether anybody still waits for the outcome.
  static bool IsAwaited(const Handle& call);

  // Its work is over. Fills the response and tells the outcome, unless the
  // caller was told before.
  void Close(const Handle& call, const absl::Status& status, const Fill& fill);

  // Tells those whose time has come. To be called about once a second.
  void TellExpired();

  // Waits until the work of every call is over.
  void AwaitNone();

 private:
  bool IsEmpty() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return calls_.empty();
  }

  const Clock& clock_;
  const absl::Duration longest_;
  absl::Mutex mutex_;
  std::set<Handle> calls_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
