#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "node/audit/commit_writer.h"
#include "node/audit/evidence.h"
#include "node/identity/participant_card.h"
#include "node/store/store.h"
#include "node/wire/federation_wire.h"

namespace comity {

// What two nodes tell each other beside proofs: the heads that they cosigned,
// and forks of the two logs between them. Nothing here waits for the writer.

// Borrowed.
struct StatementParts {
  const ParticipantCode& self;
  Store& store;
  CommitWriter& writer;
  CheckpointCache& checkpoints;
};

// Puts what this node states to `partner` into what it is about to tell.
absl::Status AddStatement(const StatementParts& parts,
                          const ParticipantCode& partner,
                          CheckpointExchange& ours);

// Checks what the partner of `card` states, and keeps it: its cosignature under
// a head of the own log, and forks whose notes are signed as they must be. Of
// the own log, if it does not lead to one of the notes; of the partner's, if
// the first of them is held here. What does not hold is left out and logged.
absl::Status TakeStatement(const StatementParts& parts,
                           const ParticipantCard& card,
                           const CheckpointExchange& theirs);

// The entries of `wanted` in the own log for `partner` that it may be told of
// without their messages, with their proofs: all but events.
absl::StatusOr<std::vector<GivenEntry>> GiveEntries(
    const StatementParts& parts, const ParticipantCode& partner,
    const std::vector<uint64_t>& wanted);

// The entry of the log of `card`'s participant for this node. EVIDENCE_INVALID
// unless it is one, with a proof that it stands there.
absl::StatusOr<MessageLeaf> OpenGivenEntry(const StatementParts& parts,
                                           const ParticipantCard& card,
                                           const GivenEntry& entry);

// The partner got what `ours` states.
void NoteStated(const StatementParts& parts, const ParticipantCode& partner,
                const CheckpointExchange& ours);

// Whether the partner does not know yet what this node states.
absl::StatusOr<bool> HasToState(const StoreReader& store,
                                const LogSigner& signer,
                                const ParticipantCode& self,
                                const ParticipantCode& partner);

}  // namespace comity
