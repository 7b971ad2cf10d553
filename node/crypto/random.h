#pragma once

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "node/base/uuid.h"

namespace comity {

// Where random bytes come from. Thread-safe.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual std::string Bytes(size_t count) = 0;
};

// OpenSSL's generator for private values (RAND_priv_bytes). Ends the process
// if the system has no randomness to give.
class SystemRandom : public RandomSource {
 public:
  std::string Bytes(size_t count) override;
};

// The same bytes for the same seed, for tests that compare runs.
class SeededRandomForTest : public RandomSource {
 public:
  explicit SeededRandomForTest(uint64_t seed) : seed_(seed) {}
  std::string Bytes(size_t count) override;

 private:
  absl::Mutex mutex_;
  const uint64_t seed_;
  uint64_t block_ ABSL_GUARDED_BY(mutex_) = 0;
};

// A version 4 UUID (RFC 9562).
Uuid NewUuid(RandomSource& random);

// A version 7 one, which sorts by the millisecond in which it was made. For
// what is kept by its id in large numbers and tells its time anyway; an id of
// a person or a case tells nothing.
Uuid NewTimedUuid(absl::Time now, RandomSource& random);

}  // namespace comity
