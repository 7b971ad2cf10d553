#pragma once

#include <array>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "node/service/rejected_calls.h"

namespace comity {

// Whose calls came over which open connection of a listener, so that those of a
// caller who is no longer admitted can be cut. A connection is named as gRPC
// names it, by the address of its other end ("ipv4:127.0.0.1:4711"); whoever
// owns the connections tells which have ended. Thread-safe.
class CallerConnections {
 public:
  using Addresses = std::set<std::string>;

  void Saw(CallOrigin origin, const std::string& address,
           const std::string& caller);
  // Takes out those of the callers for whom `goes` is true.
  Addresses Take(CallOrigin origin,
                 const std::function<bool(const std::string& caller)>& goes);
  // They have ended.
  void Forget(CallOrigin origin, const Addresses& addresses);

 private:
  using Callers = std::map<std::string, std::string>;  // by address
  Callers& CallersOf(CallOrigin origin) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return callers_[origin == CallOrigin::kFederation ? 0 : 1];
  }

  absl::Mutex mutex_;
  std::array<Callers, 2> callers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
