#pragma once

#include "node/service/federation_gate.h"

namespace comity {

// How this node answers a partner's question for named field groups of one
// case, as the holder.
QuestionMethod CaseAnswerMethod(NodeContext& node);

// Zero bytes that make `size` a multiple of `step` when they are added as the
// last field `padding` of a payload.
std::string PaddingFor(size_t size, size_t step);

}  // namespace comity
