#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "node/policy/policy_engine.h"

namespace comity {

// The policy engines of a node by the time from which each is in force: the one
// of now, and one for each timed switch to come, made ready beforehand so that
// a switch costs nothing at its moment. Thread-safe; a decision keeps the
// engine it took, and the committing transaction compares versions.
class PolicyHolder {
 public:
  struct Stage {
    absl::Time from;
    std::shared_ptr<const PolicyEngine> engine;
  };

  std::shared_ptr<const PolicyEngine> Get(absl::Time now) const {
    absl::MutexLock lock(&mutex_);
    const Stage* in_force = stages_.data();
    for (const Stage& stage : stages_) {
      if (stage.from <= now) in_force = &stage;
    }
    return in_force->engine;
  }

  // Replaces all stages; ascending, at least one. `faults` are the stored files
  // that did not load and so are not in force.
  void Set(std::vector<Stage> stages, std::vector<std::string> faults) {
    absl::MutexLock lock(&mutex_);
    stages_ = std::move(stages);
    faults_ = std::move(faults);
  }

  uint64_t LastVersion() const {
    absl::MutexLock lock(&mutex_);
    return stages_.back().engine->version();
  }
  std::vector<std::string> Faults() const {
    absl::MutexLock lock(&mutex_);
    return faults_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<Stage> stages_ ABSL_GUARDED_BY(mutex_) = {
      {absl::InfinitePast(), std::make_shared<PolicyEngine>(PolicySet(), 0)}};
  std::vector<std::string> faults_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
