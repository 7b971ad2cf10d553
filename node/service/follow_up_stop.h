#pragma once

#include <vector>

#include "node/service/dossier_event.h"

namespace comity {

// Writes again that she wants no follow-up reports any more, if one of
// `recalled` events of the dossier `before` said so: a withdrawal that takes
// back what waits goes by group, and does not bring the reports back.
absl::Status StopFollowUpsAgain(NodeContext& node, const Dossier& before,
                                const std::vector<Uuid>& recalled,
                                CommitScope& scope);

}  // namespace comity
