#pragma once

#include "node/service/federation_gate.h"

namespace comity {

// How FederationService.AnswerSubjectQuery is answered: what this node did with
// the data of a person whom it and the asker referred to each other. The holder
// tells what passed between the two and what happened at home; the receiver
// also to whom it passed anything on. Danger flags stand above it. Borrows
// `node`.
QuestionMethod SubjectAnswerMethod(NodeContext& node);

}  // namespace comity
