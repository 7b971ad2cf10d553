#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "node/crypto/verify_keys.h"
#include "node/store/log_store.h"

namespace comity {

// What verifying one log found.
struct LogVerdict {
  uint64_t size = 0;
  std::string root;     // recomputed from the leaves
  absl::Status status;  // INTEGRITY_FAILURE says what does not agree
};

// Recomputes a log from its leaves alone and compares it with the stored nodes'
// root and the signed head. Errors of the store come as a status.
absl::StatusOr<LogVerdict> VerifyLog(const LogReader& store,
                                     absl::string_view log,
                                     const VerifyKeys& keys);

}  // namespace comity
