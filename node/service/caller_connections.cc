#include "node/service/caller_connections.h"

namespace comity {

void CallerConnections::Saw(CallOrigin origin, const std::string& address,
                            const std::string& caller) {
  absl::MutexLock lock(&mutex_);
  CallersOf(origin)[address] = caller;
}

CallerConnections::Addresses CallerConnections::Take(
    CallOrigin origin,
    const std::function<bool(const std::string& caller)>& goes) {
  Addresses taken;
  absl::MutexLock lock(&mutex_);
  Callers& callers = CallersOf(origin);
  for (auto at = callers.begin(); at != callers.end();) {
    if (!goes(at->second)) {
      ++at;
      continue;
    }
    taken.insert(at->first);
    at = callers.erase(at);
  }
  return taken;
}

void CallerConnections::Forget(CallOrigin origin, const Addresses& addresses) {
  absl::MutexLock lock(&mutex_);
  for (const std::string& address : addresses) {
    CallersOf(origin).erase(address);
  }
}

}  // namespace comity
