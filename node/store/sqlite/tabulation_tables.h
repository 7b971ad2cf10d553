#pragma once

#include "node/store/sqlite/session.h"
#include "node/store/tabulation_store.h"

namespace comity::tabulation_tables {

// TabulationReader over one SQLite session; see tabulation_store.h.

absl::StatusOr<LastChanges> ReadLastChanges(Session& session);
absl::StatusOr<std::vector<ReferralChange>> ReadReferralChanges(
    Session& session, uint64_t sequence, int limit);
absl::StatusOr<StoredCase> ReadToTabulate(Session& session,
                                          const Permit& permit,
                                          const Uuid& case_id);

// INTERNAL unless the permit is for tabulation of all cases.
absl::Status CheckTabulates(const Permit& permit);

}  // namespace comity::tabulation_tables
