#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "comity/operators/v1/case_service.pb.h"
#include "node/delivery/dossier.h"
#include "node/service/operator_gate.h"

namespace comity {

// A correction at home, on its way to those who were told of the record.

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

// Tells `groups`, which the receiver was told, anew as the case has them now:
// each group that consent, flags and policy release to a question of the
// receiver's coordinator at this instant. What they do not is in the outcome
// with its reason, for the own people.
absl::StatusOr<operators::v1::CorrectionOutcome> TellAnew(
    OperatorCall& call, const ToldInDossier& told, FieldGroups groups,
    CommitScope& scope);

}  // namespace comity
