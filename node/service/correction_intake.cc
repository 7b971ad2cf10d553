#include "node/service/correction_intake.h"

#include "node/base/error_reason.h"
#include "node/service/info_exchange.h"

namespace comity {

absl::StatusOr<Duties> DecideCorrection(const NodeContext& node,
                                        const PolicyEngine& engine,
                                        const Caller& holder,
                                        const Dossier& dossier,
                                        FieldGroups told, absl::Time now,
                                        const StateFacts& state) {
  Duties agreed;
  FieldGroups left = told;
  for (const Operation operation : kCorrectingOperations) {
    RequestFacts request =
        AnswerFacts(node, engine, dossier.row, Role::kCoordinator, left, now);
    request.operation = operation;
    if (operation == Operation::kCaseQuery) {
      request.wanted = left.Minus({FieldGroup::kIdentity});
    }
    if (request.wanted.empty()) continue;
    const Ruling ruling = engine.Decide(holder, request, RecordFacts(), state);
    if (!ruling.permit.has_value()) continue;
    agreed = Join(agreed, ruling.permit->duties());
    left = left.Minus(ruling.permit->groups());
  }
  if (left.empty()) return agreed;
  return ReasonError(ErrorReason::kNoGrant,
                     "the agreement does not let this participant ask for what "
                     "is corrected");
}

bool KeepsOpenings(const Dossier& dossier) {
  return !dossier.row.erased && !dossier.status.withdrawn;
}

}  // namespace comity
