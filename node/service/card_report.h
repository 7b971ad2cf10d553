#pragma once

#include <cstdint>
#include <string>

#include "comity/operators/v1/admin_service.pb.h"
#include "node/service/node_context.h"

namespace comity {

// What people are to know of cards on their way: a partner's that was refused,
// and the own one while a root is replaced.

// Keeps that a card of the partner's was refused which nobody signed whom the
// pinned card trusts, for a week and as an entry of the own log; once for each
// pinned card. Does not wait.
void NoteForgedCard(NodeContext& node, const ParticipantCode& partner,
                    const std::string& why);

// Keeps that a card which the pinned root answers for waits for people, for it
// changes more than a node takes by itself; until the partner's pinned card is
// of this serial. Does not wait.
void NoteWaitingCard(NodeContext& node, const ParticipantCode& partner,
                     uint32_t serial);

using StatusChecks =
    google::protobuf::RepeatedPtrField<operators::v1::StatusCheck>;

// Adds what the status says of the own roots: nothing unless one is being
// replaced.
void CheckRoots(const NodeContext& node, StatusChecks& checks);

// Adds what it says of a partner's card and of the own card there: nothing if
// no card was refused and it holds the present one, neither an older one nor
// one that this node lost.
absl::Status CheckCards(const NodeContext& node, const ParticipantCard& pinned,
                        StatusChecks& checks);

}  // namespace comity
