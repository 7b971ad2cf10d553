#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/domain/participant.h"
#include "node/store/store.h"
#include "node/wire/envelope.h"

namespace comity {

// Receipts for events that came by bundle. Online the receipt is the answer;
// here it waits for the next bundle back, and goes with each until the author
// shows that it saw the log that far. If it lost the bundle after that, it
// writes its event again, and the receipt is owed again.

// Oldest first, at most 512, with the proofs that they got when they were
// given.
absl::StatusOr<std::vector<Message>> ReadOwedReceipts(
    const StateReader& store, const ParticipantCode& partner);

// Forgets receipts whose entries lie below `seen`, the size of the highest head
// of the own log that the partner has told to have seen, and then owes `given`;
// of those with the same event id the newer one. Past 512 the oldest go.
absl::Status OweReceipts(StoreTransaction& store,
                         const ParticipantCode& partner, uint64_t seen,
                         const std::vector<Message>& given);

// Gives a receipt that this node once gave a proof against the newest head of
// its log `log`: the one that it has leads to a head that nobody keeps.
absl::Status RenewProof(const LogReader& store, absl::string_view log,
                        Message& receipt);

}  // namespace comity
