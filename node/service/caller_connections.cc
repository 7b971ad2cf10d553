#include "node/service/caller_connections.h"

namespace comity {

void CallerConnections::Saw(CallOrigin origin, const std::string& address,
                            const std::string& caller,
                            const std::string& certificate) {
  absl::MutexLock lock(&mutex_);
  Calls& calls = callers_[IndexOf(origin)][address];
  calls.caller = caller;
  calls.certificate = certificate;
}

void CallerConnections::Explain(CallOrigin origin, const std::string& address,
                                uint64_t request_bytes) {
  absl::MutexLock lock(&mutex_);
  callers_[IndexOf(origin)][address].bytes += request_bytes + kCallOverhead;
}

void CallerConnections::ExplainAnswer(CallOrigin origin,
                                      const std::string& address,
                                      uint64_t answer_bytes) {
  if (answer_bytes <= kLargeAnswer) return;
  absl::MutexLock lock(&mutex_);
  Callers& callers = callers_[IndexOf(origin)];
  const auto found = callers.find(address);
  // The connection may have ended meanwhile.
  if (found == callers.end()) return;
  found->second.bytes += answer_bytes / kBytesAcknowledged;
}

CallerConnections::Calls CallerConnections::Find(
    CallOrigin origin, const std::string& address) const {
  absl::MutexLock lock(&mutex_);
  const Callers& callers = callers_[IndexOf(origin)];
  const auto found = callers.find(address);
  return found == callers.end() ? Calls() : found->second;
}

uint64_t CallerConnections::BytesOf(CallOrigin origin,
                                    const std::string& address) const {
  return Find(origin, address).bytes;
}

std::string CallerConnections::CallerOf(CallOrigin origin,
                                        const std::string& address) const {
  return Find(origin, address).caller;
}

CallerConnections::Addresses CallerConnections::Take(
    CallOrigin origin,
    const std::function<bool(const std::string& caller)>& goes) {
  return TakePresenting(origin,
                        [&](const std::string& caller, const std::string&) {
                          return goes(caller);
                        });
}

CallerConnections::Addresses CallerConnections::TakePresenting(
    CallOrigin origin, const Goes& goes) {
  Addresses taken;
  absl::MutexLock lock(&mutex_);
  Callers& callers = callers_[IndexOf(origin)];
  for (auto at = callers.begin(); at != callers.end();) {
    if (at->second.caller.empty() ||
        !goes(at->second.caller, at->second.certificate)) {
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
    callers_[IndexOf(origin)].erase(address);
  }
}

}  // namespace comity
