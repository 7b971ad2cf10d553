#pragma once

#include "node/domain/table_question.h"
#include "node/service/federation_gate.h"

namespace comity {

// How this node answers a partner's question for counts, as the holder.
QuestionMethod TableAnswerMethod(NodeContext& node);

}  // namespace comity
