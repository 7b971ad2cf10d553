#include "node/service/open_calls.h"

#include <algorithm>
#include <vector>

#include "node/base/error_reason.h"

namespace comity {

struct OpenCalls::Call {
  const absl::Time deadline;
  const Tell tell;
  const std::function<bool()> hung_up;
  absl::Mutex mutex;
  bool told ABSL_GUARDED_BY(mutex) = false;

  Call(absl::Time deadline_in, Tell tell_in, std::function<bool()> hung_up_in)
      : deadline(deadline_in),
        tell(std::move(tell_in)),
        hung_up(std::move(hung_up_in)) {}

  // The response lives until its caller is told, so it is filled in under the
  // same lock.
  void TellOnce(const absl::Status& status, const Fill& fill) {
    absl::MutexLock lock(&mutex);
    if (told) return;
    told = true;
    if (status.ok() && fill) fill();
    tell(status);
  }
};

OpenCalls::Handle OpenCalls::Open(absl::Duration wanted, Tell tell,
                                  std::function<bool()> hung_up) {
  auto call = std::make_shared<Call>(clock_.Now() + std::min(wanted, longest_),
                                     std::move(tell), std::move(hung_up));
  absl::MutexLock lock(&mutex_);
  calls_.insert(call);
  return call;
}

bool OpenCalls::IsAwaited(const Handle& call) {
  // What hung_up asks lives until the caller is told, which takes this lock.
  absl::MutexLock lock(&call->mutex);
  return !call->told && !(call->hung_up && call->hung_up());
}

void OpenCalls::Close(const Handle& call, const absl::Status& status,
                      const Fill& fill) {
  call->TellOnce(status, fill);
  absl::MutexLock lock(&mutex_);
  calls_.erase(call);
}

void OpenCalls::TellExpired() {
  std::vector<Handle> expired;
  {
    const absl::Time now = clock_.Now();
    absl::MutexLock lock(&mutex_);
    for (const Handle& call : calls_) {
      if (call->deadline <= now) expired.push_back(call);
    }
  }
  for (const Handle& call : expired) {
    call->TellOnce(ReasonError(ErrorReason::kDeadlineExceeded,
                               "the node did not finish in time; ask again "
                               "with the same request id"),
                   nullptr);
  }
}

void OpenCalls::AwaitNone() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &OpenCalls::IsEmpty));
}

}  // namespace comity
