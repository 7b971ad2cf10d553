#pragma once

#include "absl/time/time.h"
#include "node/crypto/random.h"

namespace comity {

// How long one courier waits. The defaults keep a partner that is away for
// weeks from costing anything, and find one that was away for a moment soon.
struct PaceLimits {
  absl::Duration idle = absl::Seconds(1);  // between rounds that succeed
  absl::Duration first = absl::Milliseconds(250);  // after the first failure
  absl::Duration last = absl::Seconds(60);
  // From a failure to the try that a sign of life brings about, at least.
  absl::Duration apart = absl::Milliseconds(250);
};

// When a courier calls its partner next: jittered exponential backoff, which a
// sign of life of the partner ends. Time is an argument. Used by one thread.
class Pace {
 public:
  // Borrows `random`.
  Pace(PaceLimits limits, RandomSource& random)
      : limits_(limits), random_(random) {}

  // A round ended at `now`. After the nth failure in a row the next one is due
  // in first * 2^(n-1), at most `last`, of which a random part of up to one
  // half is left off, so that partners do not all call at the same moment.
  void Succeeded(absl::Time now);
  // `away`: the partner or the way to it failed, not what was sent.
  void Failed(absl::Time now, bool away);

  // Something was queued: due at once, unless the partner is away.
  void Queued(absl::Time now);

  // The partner called, or can be reached again: due at once, but not sooner
  // than `apart` after the last failure, and the backoff starts anew. A partner
  // that calls and cannot be called so costs four tries a second at most.
  void SignOfLife(absl::Time now);

  absl::Time due() const { return due_; }
  bool failing() const { return failures_ > 0; }

 private:
  const PaceLimits limits_;
  RandomSource& random_;
  absl::Time due_ = absl::InfinitePast();
  absl::Time ended_ = absl::InfinitePast();  // the last round
  int failures_ = 0;                         // in a row
  bool away_ = false;
};

}  // namespace comity
