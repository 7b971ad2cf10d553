#pragma once

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "node/base/uuid.h"
#include "node/delivery/dossier.h"
#include "node/domain/participant.h"
#include "node/store/store.h"
#include "node/tabulation/coded_case.h"

namespace comity {

// Referrals as their receiver counts them, by itself: the other side of what
// their holder counts (service/referral_rows.h), so that both can be compared.
// They are of a measure of their own and never in a sum with what was sent.

// One referral that `self` received. Its person is the pair pseudonym, by which
// the holder calls her in all her referrals here; its partner is the holder.
// Without a year unless `self` is the receiver and consent to it stands: what
// was withdrawn is counted here no more.
absl::StatusOr<CodedCase> CodedReceived(const ParticipantCode& self,
                                        const Dossier& dossier);

// All of them, oldest first, without those of which a case was made here that
// `counts` does not know.
absl::StatusOr<std::vector<CodedCase>> CodedReceivedReferrals(
    const ParticipantCode& self,
    const std::function<bool(const Uuid& case_id)>& counts,
    const StoreReader& store);

}  // namespace comity
