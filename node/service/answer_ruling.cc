#include "node/service/answer_ruling.h"

#include "node/base/status_macros.h"
#include "node/service/decision_state.h"

namespace comity {

absl::StatusOr<std::optional<ApprovalRequest>> RuleOnAnswer(
    OperatorCall& call, Answering& answering, CommitScope& scope) {
  StoreTransaction& store = scope.store();
  const PolicyEngine& engine = call.engine();
  const ApprovalBinding binding{ApprovalMatter::kAnswerPartner,
                                answering.facts.case_id,
                                answering.request,
                                call.caller().OperatorName(),
                                "",
                                answering.content};
  ASSIGN_OR_RETURN(
      answering.approval,
      FindApproval(store, binding, answering.event_id, scope.now()));
  const uint32_t given = GivenIn(answering.approval);
  ASSIGN_OR_RETURN(StateFacts state,
                   ReadState(engine.policy(), answering.request, "", store));
  state.approvals_at_home = given;
  state.approvals =
      answering.approvers == Approvers::kOwnPeople ? given : UINT32_MAX;
  answering.ruling = engine.Decide(
      call.caller(), answering.request,
      ProjectFacts(answering.facts, StageOf(answering.dossier.status.state),
                   answering.request),
      state, &answering.facts);
  const Decision& decision = answering.ruling.decision;
  if (decision.outcome != Outcome::kHold) return std::nullopt;
  ASSIGN_OR_RETURN(const ApprovalRequest waits,
                   AskForApproval(binding, answering.approval,
                                  given + decision.approvals_missing,
                                  scope.now(), call.node().random, store));
  return waits;
}

}  // namespace comity
