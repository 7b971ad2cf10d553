#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "node/domain/participant.h"
#include "node/domain/table_question.h"
#include "node/policy/permit.h"
#include "node/store/store.h"
#include "node/tabulation/live_columns.h"

namespace comity {

// The own cases and the referrals that this state sent and received, as they
// are now, in memory: what the own people count at home. Read whole at the
// first count after a start, and from then on kept current by the store's
// change sequences, so that each count has all that was committed before it.
// Cases that published periods leave out since consent to them was taken back
// are left out here, too. Thread-safe; counts wait for each other.
class LiveTables {
 public:
  // INTERNAL unless `permit` is for tabulation of all cases; FIELD_INVALID if
  // the table is too large.
  absl::StatusOr<LiveCounts> Count(const StoreReader& store,
                                   const ParticipantCode& self,
                                   const Permit& permit,
                                   const TableQuestion& question);

 private:
  struct State {
    bool built = false;
    LastChanges seen;
    LiveColumns persons{CountedUnit::kPerson};
    LiveColumns referrals{CountedUnit::kReferral};
    LiveColumns received{CountedUnit::kReferral};
    // Of what was received the rows of which a case was made that is counted
    // no more, by the case.
    absl::flat_hash_map<uint64_t, uint64_t> left_out;
  };
  class Reader;

  absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace comity
