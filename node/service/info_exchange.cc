#include "node/service/info_exchange.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/approvals.h"
#include "node/service/case_view.h"
#include "node/service/dossier_event.h"
#include "node/service/dossier_step.h"

namespace comity {

absl::StatusOr<Questioned> LastQuestion(const Dossier& dossier) {
  Uuid last;
  Questioned asked;
  for (const ReferralEvent& event :
       EventsWithEffect(dossier.row.parties, dossier.ordered)) {
    if (event.kind != ReferralEventKind::kInfoRequested) continue;
    last = event.event_id;
    asked.role = event.role;
  }
  if (last.IsNil()) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "the receiver asked nothing yet");
  }
  asked.groups =
      ParseGroups(StoredPayload(dossier, last).info_request().groups());
  return asked;
}

RequestFacts AnswerFacts(const NodeContext& node, const PolicyEngine& engine,
                         const ReferralRow& row, Role asked_by,
                         FieldGroups groups, absl::Time now) {
  const bool holds = row.parties.holder == node.self;
  const Agreement* agreement = AgreementOf(engine, row);
  return {now,
          node.self,
          holds ? row.parties.receiver : row.parties.holder,
          row.parties.holder,
          row.parties.receiver,
          asked_by,
          "",
          Operation::kCaseQuery,
          row.purpose,
          row.basis,
          row.agreement_id,
          agreement == nullptr ? "" : agreement->digest,
          groups};
}

absl::StatusOr<Duties> DecideAnswer(const NodeContext& node,
                                    const PolicyEngine& engine,
                                    const Caller& holder,
                                    const Dossier& dossier, FieldGroups told,
                                    const federation::v1::InfoAnswer& answer,
                                    absl::Time now) {
  ASSIGN_OR_RETURN(const Questioned asked, LastQuestion(dossier));
  const FieldGroups refused = ParseGroups(answer.refused());
  // What it commits to; some of that may have been withheld when it left.
  FieldGroups answered;
  for (const auto& field : answer.fields()) {
    answered = answered.With(static_cast<FieldGroup>(field.group()));
  }
  if (answered.Union(refused) != asked.groups ||
      !answered.Intersect(refused).empty() ||
      !answered.IsSubsetOf(kAnswerGroups)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "an answer tells or refuses each group that was asked "
                       "for, once, and tells none that says who she is");
  }
  if (told.empty()) return Duties();
  StateFacts state;
  ASSIGN_OR_RETURN(
      state.approvals,
      CountApprovers(answer.officer_pseudonym(), answer.approver_pseudonyms()));
  const Ruling ruling = engine.Decide(
      holder, AnswerFacts(node, engine, dossier.row, asked.role, told, now),
      RecordFacts(), state);
  if (ruling.permit.has_value() && ruling.permit->groups() == told) {
    return ruling.permit->duties();
  }
  return ReasonError(ruling.permit.has_value() ? ErrorReason::kNoGrant
                                               : ruling.decision.reason,
                     "the agreement does not let this participant ask for what "
                     "was told, or demands more approvals");
}

}  // namespace comity
