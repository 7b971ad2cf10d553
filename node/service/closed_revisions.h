#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "node/audit/commit_writer.h"
#include "node/domain/case_facts.h"
#include "node/service/node_context.h"
#include "node/tabulation/published_columns.h"

namespace comity {

// Which published revisions hold a row of a person, and how they are closed to
// new questions: when she is erased, and when she is counted no more.

// Those that are open, without their columns. Each was stored with its record
// keys; one of an older build is read for them, and one of a build that had
// none may hold anybody.
absl::StatusOr<std::vector<SnapshotRow>> RevisionsWith(
    const NodeContext& node, const StoreReader& store,
    const std::vector<Uuid>& cases, absl::Time now);

// The ids under which a person may have been published: that of her case, and
// those of the cases that were merged into it.
std::vector<Uuid> PublishedIdsOf(const CaseFacts& facts);

// Closes what holds a row of hers, in the scope's transaction.
absl::Status CloseRevisionsWith(const NodeContext& node, const CaseFacts& facts,
                                CommitScope& scope);

// Closes what counts, among the referrals that this state received, a person
// whom a holder calls by this pair pseudonym: she is counted there no more.
absl::Status CloseRevisionsOfReceived(const NodeContext& node,
                                      const Uuid& pseudonym,
                                      CommitScope& scope);

// Closes what holds a row of hers, her received referral too, if she is counted
// no more as her case stands in the transaction. To be called when consent, a
// hold or the case itself changed.
absl::Status CloseIfOutOfCounts(const NodeContext& node, const Uuid& case_id,
                                CommitScope& scope);

// Whether somebody who has a row in `columns`, which nobody could close yet, is
// or may be counted no more by a change of cases or referrals since. To be
// asked in the transaction that publishes them.
absl::StatusOr<bool> SomebodyLeftSince(const NodeContext& node,
                                       const StoreReader& store,
                                       const LastChanges& since,
                                       const PublishedColumns& columns);

}  // namespace comity
