#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "node/service/event_intake.h"
#include "node/service/federation_gate.h"

namespace comity {

// Makes the gRPC service that answers other participants' nodes. Borrows
// `node`, which must outlive it.
std::unique_ptr<grpc::Service> MakeFederationService(NodeContext& node);

// Answers a partner's handshake or checkpoint exchange; both leave no entry.
HandshakeFacts OwnHandshake(const NodeContext& node,
                            const ParticipantCode& partner);
absl::StatusOr<CheckpointExchange> AnswerExchange(
    NodeContext& node, const ParticipantCode& partner,
    const CheckpointExchange& theirs);

}  // namespace comity
