#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/crypto/verify_keys.h"
#include "node/store/store.h"

namespace comity {

// Watches that each partner's log for this node only grows (design.md section
// 2, Consistency). All state is in the store.

// How long a head may stay unproved before messages under it are refused.
inline constexpr absl::Duration kProofDeadline = absl::Seconds(10);
// Sizes that one exchange proves at most.
inline constexpr int kMaxUnprovedSizes = 1000;

// Takes note of a head that a message led to. The first head ever is taken as
// proved: every tree extends the empty one. LOG_FORKED (ForkError) if another
// root is known for its size.
absl::Status ObserveHead(StoreTransaction& store,
                         const ParticipantCode& partner, const PeerHead& head,
                         absl::Time now);

// CONSISTENCY_UNPROVED while a head of this partner stays unproved for longer
// than kProofDeadline.
absl::Status CheckProvedInTime(const LogReader& store,
                               const ParticipantCode& partner, absl::Time now);

// One step of a chain of consistency proofs.
struct ConsistencyStep {
  uint64_t old_size = 0;
  uint64_t new_size = 0;
  std::vector<std::string> hashes;
};

// What this node lacks of a partner's log.
struct WitnessNeeds {
  uint64_t proved_size = 0;
  std::vector<uint64_t> unproved_sizes;  // ascending
  // Signed notes held here: over the proved size, and of the unproved ones the
  // smallest and the largest; at most 16.
  std::vector<std::string> held_checkpoints = {};
};
absl::StatusOr<WitnessNeeds> NeedsOf(const LogReader& store,
                                     const ParticipantCode& partner);

// Proves over the own log `log` what a partner lacks: a chain through all sizes
// it names, up to the newest head. FIELD_INVALID for sizes this log never had.
absl::StatusOr<std::vector<ConsistencyStep>> ProveNeeds(
    const LogReader& store, absl::string_view log, const WitnessNeeds& needs);

// The unproved sizes of `needs`, and behind each whole tree (a power of two)
// known there the next size, so that a chain up to `newest` leads over it: a
// step that does not hold and begins at a whole tree tells nothing of it, and
// the step from the size behind tells its root. Empty if there is none such.
std::vector<uint64_t> SizesByWay(const WitnessNeeds& needs, uint64_t newest);

// Checks a partner's chain against the heads known here and its newest head,
// and takes the newest as proved. With nothing changed: LOG_FORKED (ForkError)
// if two heads that the partner signed contradict each other, by two roots of
// one size or by a step that leads from the one to another root than the
// other's (for a whole older tree the step from the size behind it, of which no
// head need be known); CONSISTENCY_UNPROVED if a step just does not hold, which
// anybody can bring about who has a TLS key of the partner's.
absl::Status ApplyProofs(StoreTransaction& store,
                         const ParticipantCode& partner, const PeerHead& newest,
                         const std::vector<ConsistencyStep>& steps);

// Forgets what was proved of a partner's log, so that its next head counts as
// the first: its administrator said that its node was restored from a backup.
// The head stays at hand as evidence. Returns the size that was proved. A
// commit says so to its scope too (CommitScope::ForgetObserved).
absl::StatusOr<uint64_t> ForgetHeads(StoreTransaction& store,
                                     const ParticipantCode& partner,
                                     absl::Time now);

// Whether the own log `log` leads to a head of it that a partner holds, a note
// signed by one of `keys`. False: this node signed it and does not have it any
// more, so it was restored from an older backup, or its
// disk lost the end of what was written.
// EVIDENCE_INVALID if none signed it.
absl::StatusOr<bool> LeadsTo(const LogReader& store, absl::string_view log,
                             const VerifyKeys& keys, absl::string_view note);

// Keeps the note that a partner holds and the own log lost; empty: none.
absl::Status PutLostHead(StateWriter& store, const ParticipantCode& partner,
                         absl::string_view note);
// Size 0: none.
absl::StatusOr<PeerHead> ReadLostHead(const StateReader& store,
                                      const ParticipantCode& partner);

}  // namespace comity
