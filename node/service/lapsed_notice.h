#pragma once

#include "absl/status/status.h"
#include "node/audit/commit_writer.h"
#include "node/service/node_context.h"

namespace comity {

// Tells the case's owner, who drafted the referral, and the coordinators of
// each packet that waits for `partner` while no revision of its agreement is in
// force: once, and once more if it lapses again after the agreement was back
// when this was asked. The notice names the partner and an entry of the own
// log, and nobody.
absl::Status NoteLapsedPackets(NodeContext& node,
                               const ParticipantCode& partner,
                               CommitScope& scope);

}  // namespace comity
