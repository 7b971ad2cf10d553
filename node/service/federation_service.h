#pragma once

#include <functional>
#include <memory>

#include "node/peer/grpc_names.h"
#include "node/service/event_intake.h"
#include "node/service/federation_gate.h"

namespace comity {

// Told of each call whose caller was identified; must not block.
using PartnerCalled = std::function<void(const ParticipantCode&)>;

// Makes the gRPC service that answers other participants' nodes. Borrows
// `node`, which must outlive it.
std::unique_ptr<grpc::Service> MakeFederationService(NodeContext& node,
                                                     PartnerCalled called);

// Answers a partner's handshake or checkpoint exchange; both leave no entry.
HandshakeFacts OwnHandshake(const NodeContext& node,
                            const ParticipantCode& partner);
absl::StatusOr<CheckpointExchange> AnswerExchange(
    NodeContext& node, const ParticipantCode& partner,
    const CheckpointExchange& theirs);

}  // namespace comity
