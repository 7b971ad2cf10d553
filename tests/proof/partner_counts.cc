#include "tests/proof/partner_counts.h"

namespace comity {

absl::StatusOr<ProtectedAnswer> AnswerToPartner(PairOfNodes& nodes,
                                                LinkedNode& node,
                                                const TableQuestion& question,
                                                const StoreReader& store) {
  const ParticipantCode& asker = nodes.Other(node).code();
  const auto engine = node.context().policy.Get(nodes.clock.Now());
  RequestFacts facts{nodes.clock.Now(),
                     node.code(),
                     asker,
                     node.code(),
                     asker,
                     Role::kCommission,
                     "",
                     Operation::kAggregateCount,
                     Purpose::kStatistics,
                     LegalBasis::kPublicTask,
                     "counts",
                     engine->set().agreements[0].digest,
                     FieldGroups()};
  facts.member_on = question.LastMoment();
  facts.table = TableShape::Of(question);
  const Ruling ruling =
      engine->Decide({asker, true}, facts, RecordFacts(), StateFacts());
  if (!ruling.permit.has_value()) {
    return absl::PermissionDeniedError("the agreement does not open it");
  }
  return FindOrProtect(node.context(), question, *ruling.permit, store);
}

}  // namespace comity
