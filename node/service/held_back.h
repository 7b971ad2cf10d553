#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/service/dossier_event.h"

namespace comity {

// What danger flags keep from the other side of a dossier, and what goes there
// all the same: withdrawals, and answers to them.

// Whether flags of this side's exclude the other one (CheckDanger). False once
// the case is erased.
absl::StatusOr<bool> IsExcluded(const NodeContext& node, const Dossier& dossier,
                                const StoreReader& store);

// NOT_AVAILABLE if flags of this side's keep questions about the person of a
// referral from the other one. A referral that is not named, or not here, tells
// of no flag.
absl::Status CheckMayAskAbout(const NodeContext& node,
                              const std::string& referral_id,
                              const StoreReader& store);

// The same for all her referrals with `asked`, the named one or not: the
// pseudonym is what both sides call her in them.
absl::Status CheckMayAskUnder(const NodeContext& node,
                              const ParticipantCode& asked,
                              const Uuid& pseudonym, const StoreReader& store);

// The referrals with `asked` in which the person goes by the pseudonym.
absl::StatusOr<std::vector<ReferralRow>> ReferralsWith(
    const NodeContext& node, const ParticipantCode& asked,
    const Uuid& pseudonym, const StoreReader& store);

// At the receiver, HoldBackOutbox (withdrawal.h) for a dossier of which a case
// of its own was made.
absl::Status HoldBackReceived(NodeContext& node, const Uuid& referral_id,
                              CommitScope& scope);

// Withdrawals and answers that build on what is held back now would never be
// taken in there: writes them anew, and takes back the rest with them.
absl::Status FreeFromHeldBack(NodeContext& node, const Uuid& referral_id,
                              CommitScope& scope);

}  // namespace comity
