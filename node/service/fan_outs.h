#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace comity {

// How far the calls of operators are that ask several partners at once, for
// whoever waits for one of them. Holds those that run and forgets them at their
// end. Thread-safe.
class FanOuts {
 public:
  struct Progress {
    uint32_t asked = 0;
    uint32_t answered = 0;
    uint32_t without_answer = 0;  // refused, or nobody was reached in time
  };

  // One call while it runs. Outlived by what made it.
  class Running {
   public:
    Running(FanOuts& all, std::string operator_name, std::string request_id,
            uint32_t asked);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    // One of those who were asked has answered, or will not.
    void Came(bool answered);

   private:
    FanOuts& all_;
  };

  // Of the operator's own call with this request id; zeros if none runs.
  Progress Of(const std::string& operator_name,
              const std::string& request_id) const;

 private:
  struct Call {
    std::string operator_name;
    std::string request_id;
    Progress progress;
  };

  mutable absl::Mutex mutex_;
  // As many as the operators' calls in flight.
  std::map<const Running*, Call> calls_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
