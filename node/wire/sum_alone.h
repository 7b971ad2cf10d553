#pragma once

#include "comity/operators/v1/table_service.pb.h"

namespace comity {

// Whether an answer is the sum over members and has none of their own tables
// (disclosure/mask_round.h).
bool TellsSumAlone(const operators::v1::RequestTableResponse& answer);

}  // namespace comity
