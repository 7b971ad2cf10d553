#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "node/service/rejected_calls.h"

namespace comity {

// What a call is granted besides its request, in bytes: its frames and headers,
// and those of the answer that it acknowledges.
inline constexpr uint64_t kCallOverhead = 512;

// An answer above that size is acknowledged frame by frame: it explains one
// byte in so many, beside what its call does.
inline constexpr uint64_t kLargeAnswer = 16 << 10;
inline constexpr uint64_t kBytesAcknowledged = 128;

// Whose calls came over which open connection of a listener and how many bytes
// they were, so that those of a caller who is no longer admitted can be cut,
// and those that send what no call explains. A connection is named as gRPC
// names it, by the address of its other end ("ipv4:127.0.0.1:4711"); whoever
// owns the connections tells which have ended. Thread-safe.
class CallerConnections {
 public:
  using Addresses = std::set<std::string>;

  // `certificate`: the fingerprint of the one that it presents.
  void Saw(CallOrigin origin, const std::string& address,
           const std::string& caller, const std::string& certificate = "");
  // A request of so many bytes reached its handler.
  void Explain(CallOrigin origin, const std::string& address,
               uint64_t request_bytes);
  // An answer of so many bytes goes to a call from there.
  void ExplainAnswer(CallOrigin origin, const std::string& address,
                     uint64_t answer_bytes);
  // How many bytes the calls from there were, each with kCallOverhead; 0 once
  // they are forgotten.
  uint64_t BytesOf(CallOrigin origin, const std::string& address) const;
  // Whose the calls from there were; empty: none came.
  std::string CallerOf(CallOrigin origin, const std::string& address) const;
  // Takes out those of the callers for whom `goes` is true.
  Addresses Take(CallOrigin origin,
                 const std::function<bool(const std::string& caller)>& goes);
  // The same by the certificate too.
  using Goes = std::function<bool(const std::string& caller,
                                  const std::string& certificate)>;
  Addresses TakePresenting(CallOrigin origin, const Goes& goes);
  // They have ended.
  void Forget(CallOrigin origin, const Addresses& addresses);

 private:
  struct Calls {
    std::string caller;
    std::string certificate;
    uint64_t bytes = 0;
  };
  using Callers = std::map<std::string, Calls>;  // by address
  static size_t IndexOf(CallOrigin origin) {
    return origin == CallOrigin::kFederation ? 0 : 1;
  }
  Calls Find(CallOrigin origin, const std::string& address) const;

  mutable absl::Mutex mutex_;
  std::array<Callers, 2> callers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
