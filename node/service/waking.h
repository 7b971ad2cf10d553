#pragma once

#include <functional>
#include <utility>

#include "absl/status/status.h"

namespace comity {

// The handler of an operator's call after which `wake` is called, so that what
// it queued is delivered at once. `wake` is borrowed and outlives the calls.
template <typename Handler>
auto Waking(const std::function<void()>& wake, Handler handler) {
  return [&wake, handler = std::move(handler)](auto& call, const auto& in,
                                               auto& out) {
    absl::Status status = handler(call, in, out);
    wake();
    return status;
  };
}

}  // namespace comity
