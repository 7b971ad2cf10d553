#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "node/delivery/dossier.h"
#include "node/service/node_context.h"

namespace comity {

// What the receiver of one dossier was told and may still hold.
struct ToldInDossier {
  ReferralRow row;
  FieldGroups groups;
};

// All of a case that partners were told: by packets, answers and corrections,
// and by their own questions, which count for the partner's latest dossier (of
// those under the pseudonym that was asked about); less what was withdrawn
// since. Dossiers under which nothing is left are not in it.
absl::StatusOr<std::vector<ToldInDossier>> ToldOf(const NodeContext& node,
                                                  const Uuid& case_id,
                                                  const StoreReader& reader);

}  // namespace comity
