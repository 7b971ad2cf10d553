#pragma once

#include <future>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>

#include "node/base/log.h"

namespace comity {

// Threads that begin while the node serves. A machine may have none to give,
// which the standard library says by throwing; the node goes on then.

struct StartAsync {
  template <typename Work>
  std::future<std::invoke_result_t<Work>> operator()(Work work) const {
    return std::async(std::launch::async, std::move(work));
  }
};

struct StartThread {
  template <typename Work>
  std::thread operator()(Work work) const {
    return std::thread(std::move(work));
  }
};

// Runs `work` in a thread of its own, or, where there is none to be had, in
// that of who asks the future for the result. Only then does a wait for it end
// with std::future_status::deferred.
template <typename Work, typename Start = StartAsync>
std::future<std::invoke_result_t<Work>> RunAside(Work work,
                                                 const Start& start = {}) {
  try {
    return start(work);
  } catch (const std::system_error&) {
    Log(LogLevel::kWarning, "no_thread_to_be_had");
    return std::async(std::launch::deferred, std::move(work));
  }
}

// A thread that runs `work`; where there is none to be had, one that is not
// joinable, and `work` does not run.
template <typename Work, typename Start = StartThread>
std::thread ThreadFor(Work work, const Start& start = {}) {
  try {
    return start(std::move(work));
  } catch (const std::system_error&) {
    Log(LogLevel::kWarning, "no_thread_to_be_had");
    return {};
  }
}

}  // namespace comity
