#pragma once

#include <functional>
#include <string>
#include <utility>

#include "node/crypto/random.h"

namespace comity {

// Lets another command run when randomness is first asked for, once: what it
// changes, changes in the middle of what is tested.
class MeanwhileRandom : public RandomSource {
 public:
  explicit MeanwhileRandom(std::function<void()> meanwhile)
      : meanwhile_(std::move(meanwhile)) {}
  std::string Bytes(size_t count) override {
    if (const auto run = std::exchange(meanwhile_, nullptr)) run();
    return random_.Bytes(count);
  }

 private:
  std::function<void()> meanwhile_;
  SystemRandom random_;
};

}  // namespace comity
