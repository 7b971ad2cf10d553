#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "node/policy/judge.h"
#include "node/store/store.h"

namespace comity {

// What a decision needs to know of what happened before, as the store has it:
// the limits of every rule that addresses the request, and whether this holder
// declared an emergency under the agreement. `officer` is the
// pseudonym of the person who asks; empty: not known, and then shared by all
// such calls of the asker.
absl::StatusOr<StateFacts> ReadState(const CompiledPolicy& policy,
                                     const RequestFacts& request,
                                     absl::string_view officer,
                                     const StoreReader& reader);

// The same of a question that a partner asks: limits whose window the node was
// restored in are used up, since nobody knows what was asked before.
absl::StatusOr<StateFacts> ReadStateOfQuestion(const CompiledPolicy& policy,
                                               const RequestFacts& request,
                                               absl::string_view officer,
                                               const StoreReader& reader);

// The part of it that no commit charges: whether this holder declared an
// emergency under the agreement.
absl::StatusOr<bool> EmergencyStands(const CompiledPolicy& policy,
                                     const RequestFacts& request,
                                     const StoreReader& reader);

// Whether a national rule may demand approvals of the holder's own people.
bool MayNeedApprovalsAtHome(const CompiledPolicy& policy,
                            const RequestFacts& request);

// Charges one answer to the limits that `decision` falls under. LIMIT_REACHED,
// with nothing left charged by the caller's transaction, if one is over now;
// NOT_AVAILABLE if that one is a national rule's.
absl::Status ChargeLimits(const CompiledPolicy& policy,
                          const RequestFacts& request, const Decision& decision,
                          absl::string_view officer, absl::Time now,
                          StoreTransaction& store);

// "2026-11-24", "2026-11-24T13" and "2026-11" in UTC: the windows that limits
// count in.
std::string LimitWindow(LimitKind kind, absl::Time now);

}  // namespace comity
