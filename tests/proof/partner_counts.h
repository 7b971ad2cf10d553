#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "node/domain/table_question.h"
#include "node/service/table_protection.h"
#include "tests/proof/pair_of_nodes.h"

namespace comity {

// An agreement between the two nodes on counts, whose one grant opens to either
// side what these lines of it say.
std::string CountsAgreement(const std::string& opened);

// Publishes a period, as the node's statistician does.
absl::Status PublishPeriod(LinkedNode& node, const std::string& period);

// What `node` tells the other one of a count under the agreement "counts", by
// the decision that the gate makes; PERMISSION_DENIED if that opens no such
// count.
absl::StatusOr<ProtectedAnswer> AnswerToPartner(PairOfNodes& nodes,
                                                LinkedNode& node,
                                                const TableQuestion& question,
                                                const StoreReader& store);

}  // namespace comity
