#pragma once

#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "node/service/node_context.h"
#include "node/service/status_checks.h"

namespace comity {

// Runs the administrator's hook for each notice, one at a time, on a thread of
// its own, so that no call waits for it. A hook that fails or takes longer than
// 10 seconds is tried again, later each time, 16 times at most. Without a hook
// it does nothing. Borrows the node.
class Notifier {
 public:
  explicit Notifier(NodeContext& node);
  // Ends a hook that runs.
  ~Notifier();

 private:
  void Run();
  absl::Status RunDue();
  bool stopping() const {
    absl::MutexLock lock(&mutex_);
    return stopping_;
  }

  NodeContext& node_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// What status says of the hook: whether it can be run, and whether notices wait
// because it failed. Nothing where none is configured.
void AddHookChecks(const NodeContext& node, StatusChecks& checks);

// Runs a program with arguments, with nothing of this process but its PATH, and
// waits for it. UNAVAILABLE if it cannot be started, ends with another code
// than 0, or is ended because `limit` passed or `give_up` came true.
absl::Status RunProgram(const std::string& path,
                        const std::vector<std::string>& arguments,
                        absl::Duration limit,
                        const std::function<bool()>& give_up);

}  // namespace comity
