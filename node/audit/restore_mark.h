#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/audit/commit_writer.h"
#include "node/domain/participant.h"
#include "node/store/store.h"

namespace comity {

// What a restored node has to know of itself: what it answered between the
// backup and the restore is in no store of its own any more. So everything that
// may have been given since counts as given: the limits and budgets of the
// periods that were open, and the published revisions, whose ledgers may lack
// answers.

// Notes in a store that nobody serves that it is of a backup made then; by
// comity restore, before the node can start.
absl::Status MarkRestored(Store& store, absl::Time made_at);
// When the backup was made whose restore was not taken up yet; InfinitePast:
// there is none.
absl::StatusOr<absl::Time> RestoredFrom(const StateReader& store);

// Counts as spent what is open now, closes what is published to new questions,
// and takes the mark away. Nothing is given back by a second time.
absl::Status SpendWhatIsOpen(CommitScope& scope);
// When that was done last; InfinitePast: never.
absl::StatusOr<absl::Time> SpentAt(const StateReader& store);

// A partner shows, or does not, that the own log lost what it has seen. The
// first look after a restore is that restore; a loss besides is one that nobody
// took up, as when files were copied back by hand, and what is open is spent.
absl::Status NoteLoss(const ParticipantCode& partner, bool lost,
                      CommitScope& scope);
// Whether the partner was looked at since the last restore.
absl::StatusOr<bool> LossIsNoted(const StateReader& store,
                                 const ParticipantCode& partner);

}  // namespace comity
