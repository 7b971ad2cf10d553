#pragma once

#include "node/service/federation_gate.h"

namespace comity {

// How this node answers a partner's question for chunks of a document that it
// offered, as the holder. Each question is decided at its own instant, as one
// about the document's groups; limits are charged once for a document.
QuestionMethod AttachmentAnswerMethod(NodeContext& node);

}  // namespace comity
