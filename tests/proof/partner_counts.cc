#include "tests/proof/partner_counts.h"

#include "absl/strings/str_cat.h"
#include "node/service/period_publish.h"

namespace comity {

std::string CountsAgreement(const std::string& opened) {
  return absl::StrCat(R"(schema: "comity.policy.v1"
agreement {
  id: "counts"
  revision: 1
  title: "Counts"
  party: ["NE", "NG"]
  legal_instrument: "None"
  valid_from: "2026-01-01T00:00:00Z"
  valid_until: "2030-12-31T00:00:00Z"
  grant {
    id: "counts"
    holder: ["NE", "NG"]
    asker: ["NE", "NG"]
    role: [COMMISSION]
    operation: [AGGREGATE_COUNT]
    purpose: [STATISTICS]
    basis: [PUBLIC_TASK]
)",
                      opened, R"(
    duties { k_threshold: 11 yearly_budget: 1000 }
  }
}
)");
}

absl::Status PublishPeriod(LinkedNode& node, const std::string& period) {
  operators::v1::PublishPeriodRequest request;
  request.set_request_id(NewUuid(node.context().random).ToString());
  request.set_period(period);
  return node
      .Call(node.Person(Role::kStatistician, "stat"),
            LocalOperation::kTablePublish, HandlePublishPeriod, request)
      .status();
}

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
  SolvingTurns turns;
  return FindOrProtect(
      node.context(), question, *ruling.permit,
      [&] { return turns.Take(asker); }, store);
}

}  // namespace comity
