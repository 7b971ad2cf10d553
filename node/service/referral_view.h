#pragma once

#include "comity/operators/v1/referral_service.pb.h"
#include "node/delivery/dossier.h"
#include "node/service/operator_gate.h"

namespace comity {

// A referral as the caller of one call sees it: what she can do next follows
// from her role and from local access. Codes and times alone, nothing of the
// record.
absl::StatusOr<operators::v1::Referral> ReferralViewOf(const OperatorCall& call,
                                                       const StoreReader& store,
                                                       const Dossier& dossier);

// The same, read from the store.
absl::StatusOr<operators::v1::Referral> ReferralViewOf(const OperatorCall& call,
                                                       const StoreReader& store,
                                                       const ReferralRow& row);

// Shows the referral as the transaction leaves it.
absl::Status ShowReferral(const OperatorCall& call, CommitScope& scope,
                          const Uuid& id, operators::v1::Referral& view);

// Whether it waits for somebody, or a clock of it runs.
bool IsUnderWay(const operators::v1::Referral& view);

// How far it has come, from the events that had effect.
absl::StatusOr<operators::v1::ReferralProgress> ProgressOf(
    const Dossier& dossier);

// All its events in the order that both sides agree on; last, those that their
// receiver refused.
absl::StatusOr<std::vector<operators::v1::ReferralHistoryEntry>> HistoryOf(
    const Dossier& dossier);

// S0 to S2 of a draft, from what its holder knows at home.
DraftFacts DraftFactsOf(const ReferralRow& row, const CaseFacts& facts,
                        absl::Time now);

}  // namespace comity
