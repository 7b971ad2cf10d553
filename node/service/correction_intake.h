#pragma once

#include <array>

#include "absl/status/statusor.h"
#include "node/delivery/dossier.h"
#include "node/policy/policy_engine.h"
#include "node/service/node_context.h"

namespace comity {

// A correction of the holder's as it arrives at the receiver.

// What a correction is decided as, group by group in this order: as an answer
// to a question of the receiver's coordinator, and where she was told who the
// person is, as one to her question for that.
inline constexpr std::array kCorrectingOperations = {
    Operation::kCaseQuery, Operation::kIdentityRelease};

// The receiver's own check, as far as it can know: the agreement lets its
// coordinator ask for each group that is told. Returns what the agreement
// demands. `state` says what was approved here.
absl::StatusOr<Duties> DecideCorrection(const NodeContext& node,
                                        const PolicyEngine& engine,
                                        const Caller& holder,
                                        const Dossier& dossier,
                                        FieldGroups told, absl::Time now,
                                        const StateFacts& state = {});

// Whether the receiver keeps what a correction tells: nothing of it once the
// dossier was erased here or withdrawn from, which the holder did not know yet.
bool KeepsOpenings(const Dossier& dossier);

}  // namespace comity
