#pragma once

#include <array>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "node/audit/commit_writer.h"
#include "node/base/clock.h"
#include "node/base/error_reason.h"
#include "node/crypto/random.h"
#include "node/domain/participant.h"

namespace comity {

// Which listener a call came in by.
enum class CallOrigin : uint8_t { kFederation, kOperators };

// Calls that were refused before an entry of their own could be written: their
// caller was not identified, or their evidence did not hold. So that junk buys
// no commit they are counted by listener and reason, and one entry of the own
// log a minute says how many there were. Memory is fixed. Thread-safe. Borrows
// writer, clock and random.
class RejectedCalls {
 public:
  RejectedCalls(ParticipantCode self, CommitWriter& writer, const Clock& clock,
                RandomSource& random)
      : self_(std::move(self)),
        writer_(writer),
        clock_(clock),
        random_(random) {}

  void Count(CallOrigin origin, ErrorReason reason, uint64_t calls = 1);

  // Queues the entry when a minute has passed since the first call it counts.
  // To be called about once a second.
  void WriteIfDue();

  // Writes what is counted and waits for it; when the node stops.
  absl::Status WriteAll();

 private:
  static constexpr size_t kReasons =
      static_cast<size_t>(ErrorReason::kInternal) + 1;
  using Counts = std::array<std::array<uint64_t, kReasons>, 2>;

  // What was counted so far, taken out; empty text when there is nothing.
  std::string Take(Counts& taken);
  // A write that failed: its calls count with the next one.
  void PutBack(const Counts& taken);
  CommitBody EntryOf(std::string detail);

  const ParticipantCode self_;
  CommitWriter& writer_;
  const Clock& clock_;
  RandomSource& random_;
  absl::Mutex mutex_;
  Counts counts_ ABSL_GUARDED_BY(mutex_) = {};
  absl::Time since_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
};

}  // namespace comity
