#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "node/audit/log_appender.h"
#include "node/crypto/verify_keys.h"
#include "node/domain/participant.h"
#include "node/store/store.h"

namespace comity {

// Heads that one participant cosigned for another (security.md section 6.5): a
// witness states that a log grew to this head and nothing else.

// A head of the own log for a partner, as the partner cosigned it.
struct CosignedHead {
  uint64_t size = 0;  // 0: none
  absl::Time at;      // when, by the witness's clock
  std::string note;   // with both signatures

  // A witness states one head over and over: what is kept makes way for a
  // larger one, or for one of its size that is a minute newer.
  bool Supersedes(const CosignedHead& kept) const;
};

// The proved head of `partner`'s log for `self` as this node states it: read
// from the store, so that it is durable before its cosignature leaves. Empty if
// nothing is proved, if a fork of that log is known, or if `signer` is no
// witness.
absl::StatusOr<std::string> CosignProved(const StoreReader& store,
                                         const LogSigner& signer,
                                         const ParticipantCode& self,
                                         const ParticipantCode& partner,
                                         absl::Time now);

// Reads a note of the own log `log` that `witness` cosigned. EVIDENCE_INVALID
// if no key of the log signed it, or none of the witness's cosigned it.
absl::StatusOr<CosignedHead> OpenCosigned(absl::string_view note,
                                          absl::string_view log,
                                          const VerifyKeys& log_keys,
                                          const ParticipantCode& witness,
                                          const VerifyKeys& witness_keys);

// Keeps a head that OpenCosigned read and the own log leads to, if it
// supersedes the one that is kept.
absl::Status KeepCosigned(StoreTransaction& store,
                          const ParticipantCode& witness,
                          const CosignedHead& head);
absl::StatusOr<CosignedHead> ReadCosigned(const StateReader& store,
                                          const ParticipantCode& witness);
// Forgets it: the own log lost what it counts.
absl::Status DropCosigned(StateWriter& store, const ParticipantCode& witness);

// Up to which size of its log a partner was told this node's cosignature; the
// exchange that told it was answered.
absl::Status PutToldCosigned(StateWriter& store, const ParticipantCode& partner,
                             uint64_t size);
absl::StatusOr<uint64_t> ReadToldCosigned(const StateReader& store,
                                          const ParticipantCode& partner);

}  // namespace comity
