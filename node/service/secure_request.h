#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/federation/v1/table.pb.h"
#include "comity/operators/v1/table_service.pb.h"
#include "node/disclosure/mask_round.h"
#include "node/service/operator_gate.h"

namespace comity {

// The asker's side of a sum that alone is told (disclosure/mask_round.h).

// The round in which `members` are asked; nullopt where each of them tells its
// own table. FIELD_INVALID if they answer under agreements of both kinds, or if
// the set or the table does not do.
absl::StatusOr<std::optional<MaskRound>> RoundFor(
    const OperatorCall& call, const operators::v1::RequestTableRequest& request,
    const TableQuestion& question, const std::vector<std::string>& members);

// Whether each member answers a handshake now. A member gives its part of a
// period over one set alone (secure_share.h), so that a set with one that is
// away would keep the others from the sum over a smaller one. PEER_UNREACHABLE,
// or the first's own reason, names all that do not.
absl::Status CheckAllAreThere(OperatorCall& call, const MaskRound& round);

// What a question of the round says of it.
federation::v1::SumRound FormatRound(const MaskRound& round,
                                     const std::string& left_out_reason);

// Adds the cells of the sum if every member of the set answered, or else a note
// that says why there is none; takes the masked words away.
void AddMaskedSum(const MaskRound& round,
                  operators::v1::RequestTableResponse& response);

}  // namespace comity
