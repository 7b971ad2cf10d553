#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "node/base/error_reason.h"

namespace comity {

// The connections to one partner's node. At most 24 KiB of requests wait for
// their answers on one, and there are at most 8 (proto/README.md): the node at
// the other end cuts those that send more than its calls explain. Thread-safe.
template <typename Connection>
class Lanes {
 public:
  static constexpr size_t kMostUnanswered = 24 << 10;
  static constexpr size_t kMostLanes = 8;
  // A request's own frames and headers, beside its bytes.
  static constexpr size_t kOverhead = 256;

  // A place for one request; given back when it goes. The connection lives as
  // long as its place.
  class Place {
   public:
    Place(Lanes* lanes, size_t lane, size_t bytes)
        : lanes_(lanes), lane_(lane), bytes_(bytes) {}
    Place(Place&& other) noexcept
        : lanes_(std::exchange(other.lanes_, nullptr)),
          lane_(other.lane_),
          bytes_(other.bytes_) {}
    Place& operator=(Place&&) = delete;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      if (lanes_ != nullptr) lanes_->Leave(lane_, bytes_);
    }
    Connection& operator*() const { return lanes_->At(lane_); }

   private:
    Lanes* lanes_;
    size_t lane_;
    size_t bytes_;
  };

  // `open` makes the connection of that number, from 0.
  explicit Lanes(std::function<std::unique_ptr<Connection>(size_t)> open)
      : open_(std::move(open)) {
    absl::MutexLock lock(&mutex_);
    lanes_.push_back({open_(0), 0});
  }

  // Waits until there is a place for a request of so many bytes, at most until
  // `deadline` of the machine's clock. OVERLOADED after it.
  absl::StatusOr<Place> Enter(size_t request_bytes, absl::Time deadline) {
    const size_t bytes = request_bytes + kOverhead;
    absl::MutexLock lock(&mutex_);
    const auto has_place = [this, bytes]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      return lanes_.size() < kMostLanes || Find(bytes) < lanes_.size();
    };
    if (!mutex_.AwaitWithDeadline(absl::Condition(&has_place), deadline)) {
      return ReasonError(ErrorReason::kOverloaded,
                         "too many calls to this partner wait for answers; "
                         "try again in a moment");
    }
    const size_t lane = Find(bytes);
    if (lane == lanes_.size()) lanes_.push_back({open_(lane), 0});
    lanes_[lane].unanswered += bytes;
    return Place(this, lane, bytes);
  }

  // The first connection.
  Connection& First() { return At(0); }

 private:
  struct Lane {
    std::unique_ptr<Connection> connection;
    size_t unanswered;
  };

  // The first one with a place, or their number. What is too large for any
  // goes alone.
  size_t Find(size_t bytes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    size_t lane = 0;
    while (lane < lanes_.size() && lanes_[lane].unanswered > 0 &&
           lanes_[lane].unanswered + bytes > kMostUnanswered) {
      ++lane;
    }
    return lane;
  }
  void Leave(size_t lane, size_t bytes) {
    absl::MutexLock lock(&mutex_);
    lanes_[lane].unanswered -= bytes;
  }
  Connection& At(size_t lane) {
    absl::MutexLock lock(&mutex_);
    return *lanes_[lane].connection;
  }

  const std::function<std::unique_ptr<Connection>(size_t)> open_;
  absl::Mutex mutex_;
  std::vector<Lane> lanes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
