#pragma once

#include <functional>
#include <memory>

#include "node/peer/grpc_names.h"
#include "node/service/operator_gate.h"

namespace comity {

// Makes the service for partners, logs and status. `partners_changed`
// is called when the partner table in force was replaced.
std::unique_ptr<grpc::Service> MakeAdminService(
    OperatorGate& gate, std::function<void()> partners_changed);

// The code of a partner; PARTNER_UNKNOWN for any other.
absl::StatusOr<ParticipantCode> KnownPartner(const NodeContext& node,
                                             absl::string_view code);

// Reads the partners from the store into the node's table: at start, and after
// each change.
absl::Status LoadPartners(NodeContext& node);

}  // namespace comity
