#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "node/service/node_context.h"
#include "node/wire/federation_wire.h"

namespace comity {

using MailDone = std::function<void(absl::StatusOr<CollectedMail>)>;

// Answers a partner that collects its mail: stores the receipts that hold, and
// gives what still waits for it, nothing of which is marked as delivered.
// `done` is called once: with the mail, or why a receipt does not hold.
// Receipts are refused with CONSISTENCY_UNPROVED while the partner's heads are
// late; mail is not, for a withdrawal may be in it. Borrows the node.
void AnswerCollection(NodeContext& node, const ParticipantCode& partner,
                      MailRequest request, MailDone done);

}  // namespace comity
