#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "node/base/uuid.h"
#include "node/store/case_store.h"

namespace comity {

// One step of the change sequence of referrals: an event came or took effect,
// a receipt came, or the referral went to another case.
struct ReferralChange {
  uint64_t sequence = 0;
  Uuid referral_id;
};

// The newest steps of both change sequences; 0: nothing changed yet.
struct LastChanges {
  uint64_t cases = 0;
  uint64_t referrals = 0;
};

// What keeps counts of the cases and referrals as they are now. Thread-safe.
class TabulationReader {
 public:
  virtual ~TabulationReader() = default;

  virtual absl::StatusOr<LastChanges> ReadLastChanges() const = 0;
  // Changes of referrals after `sequence`, oldest first, at most `limit`; those
  // of cases: CaseReader.
  virtual absl::StatusOr<std::vector<ReferralChange>> ReadReferralChanges(
      uint64_t sequence, int limit) const = 0;
  // One visible case, as CaseReader::ScanCases shows all: INTERNAL unless
  // `permit` is for kTableTabulate with scope kAll; NOT_FOUND.
  virtual absl::StatusOr<StoredCase> ReadToTabulate(
      const Permit& permit, const Uuid& case_id) const = 0;
};

}  // namespace comity
