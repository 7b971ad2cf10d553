#pragma once

#include "absl/status/statusor.h"
#include "node/delivery/dossier.h"
#include "node/service/node_context.h"

namespace comity {

// What a node writes to its dossiers by its clock, with nobody at the keyboard:
// the alarm when she did not arrive in time, and the end of a referral that
// nobody went on with. Drafts that nobody sent it removes.

// When a draft is purged; as long as nothing of it was written, this is when
// the node acts on it.
absl::Time DraftEnds(const NodeContext& node, const ReferralRow& row);

// Removes a draft, with an entry in the own log: nothing of it ever left, so
// nothing of it stays.
absl::Status PurgeDraft(NodeContext& node, const Dossier& dossier,
                        CommitScope& scope);

// Whether something is due; false also if the store cannot tell now.
bool IsDossierClockDue(const NodeContext& node);

// Writes what is due, some dozens at most, in the scope's transaction. True if
// there is something for partners.
absl::StatusOr<bool> RunDossierClock(NodeContext& node, CommitScope& scope);

}  // namespace comity
