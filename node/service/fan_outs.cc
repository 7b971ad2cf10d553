#include "node/service/fan_outs.h"

#include <utility>

namespace comity {

FanOuts::Running::Running(FanOuts& all, std::string operator_name,
                          std::string request_id, uint32_t asked)
    : all_(all) {
  absl::MutexLock lock(&all_.mutex_);
  all_.calls_[this] = {
      std::move(operator_name), std::move(request_id), {asked, 0, 0}};
}

FanOuts::Running::~Running() {
  absl::MutexLock lock(&all_.mutex_);
  all_.calls_.erase(this);
}

void FanOuts::Running::Came(bool answered) {
  absl::MutexLock lock(&all_.mutex_);
  Progress& progress = all_.calls_[this].progress;
  ++(answered ? progress.answered : progress.without_answer);
}

FanOuts::Progress FanOuts::Of(const std::string& operator_name,
                              const std::string& request_id) const {
  absl::MutexLock lock(&mutex_);
  for (const auto& [running, call] : calls_) {
    if (call.operator_name == operator_name && call.request_id == request_id) {
      return call.progress;
    }
  }
  return {};
}

}  // namespace comity
