#pragma once

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace comity {

// Files of the node's that changed while it serves and that it could not take,
// or that it could not write: it goes on with what they held before.
// Thread-safe.
class UntakenFiles {
 public:
  // `taken`: how it went with the files of `what`, such as "TLS key"; OK
  // forgets what was noted of them before.
  void Note(const std::string& what, const absl::Status& taken) {
    absl::MutexLock lock(&mutex_);
    if (taken.ok()) {
      untaken_.erase(what);
    } else {
      untaken_[what] = taken;
    }
  }
  std::map<std::string, absl::Status> List() const {
    absl::MutexLock lock(&mutex_);
    return untaken_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, absl::Status> untaken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
