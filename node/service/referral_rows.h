#pragma once

#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "node/base/uuid.h"
#include "node/delivery/dossier.h"
#include "node/domain/participant.h"
#include "node/store/store.h"
#include "node/tabulation/coded_case.h"

namespace comity {

// One referral as its events stand, as tables count it. What was never sent has
// no year.
absl::StatusOr<CodedCase> CodedReferral(const Dossier& dossier);

// The referrals that `self` sent of the cases in `counted`, oldest first, as
// tables count them. A referral is counted by its holder alone, though both
// sides have its events: so a sum over states has it once. What was never sent
// has no year.
absl::StatusOr<std::vector<CodedCase>> CodedReferrals(
    const ParticipantCode& self, const absl::flat_hash_set<Uuid>& counted,
    const ReferralReader& store);

}  // namespace comity
