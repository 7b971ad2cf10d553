#include "node/service/policy_explanation.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/decision_wire.h"
#include "node/wire/explanation_wire.h"

namespace comity {
namespace {

namespace pb = operators::v1;

// This node knows its own national rules alone, and no record but its own.
absl::Status CheckDecidedHere(const NodeContext& node,
                              const DecisionFacts& facts) {
  const RequestFacts& request = facts.request;
  if (request.self != node.self) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat("request.self is ", request.self.text(),
                     ", and this node knows the national rules of ",
                     node.self.text(),
                     " alone; ask that node, or use --files"));
  }
  if (facts.record.present && request.holder != node.self) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat("the record is one of ", request.holder.text(),
                     "'s, where its national rules decide on it; ask that "
                     "node, use --files, or leave the record out "
                     "(--no-record)"));
  }
  return absl::OkStatus();
}

// `facts` under the files in force; an agreement that is cited by no digest in
// force is cited by its id.
absl::StatusOr<pb::DecisionExplanation> ExplainFacts(
    OperatorCall& call, const pb::DecisionFacts& facts) {
  const CompiledPolicy& policy = call.engine().policy();
  ASSIGN_OR_RETURN(DecisionFacts parsed, ParseDecisionFacts(facts, policy));
  RETURN_IF_ERROR(CheckDecidedHere(call.node(), parsed));
  RequestFacts& request = parsed.request;
  const Agreement* last = policy.set().FindLast(request.agreement_id);
  if (last != nullptr &&
      policy.Find(request.agreement_id, request.agreement_digest) == nullptr) {
    request.agreement_digest = last->digest;
  }
  const Explanation explanation =
      Explain(policy, request, parsed.record, parsed.state);
  call.SetDetail(absl::StrCat("EXPLAINED ", Name(request.operation), " ",
                              Name(explanation.decision.outcome)));
  return FormatExplanation(
      policy, explanation,
      SmallestChanges(policy, request, parsed.record, parsed.state),
      LosingFacts(policy, request, parsed.record, parsed.state));
}

}  // namespace

absl::Status HandleExplainDecision(OperatorCall& call,
                                   const pb::ExplainDecisionRequest& request,
                                   pb::ExplainDecisionResponse& response) {
  ASSIGN_OR_RETURN(*response.mutable_explanation(),
                   ExplainFacts(call, request.facts()));
  return absl::OkStatus();
}

absl::Status HandleExplainLoggedDecision(
    OperatorCall& call, const pb::ExplainLoggedDecisionRequest& request,
    pb::ExplainLoggedDecisionResponse& response) {
  const NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const std::vector<LeafRow> rows,
                   node.store.ReadLeaves(OwnLogOrigin(node.self),
                                         request.entry_index(), 1, true));
  pb::DecisionFacts facts;
  if (!rows.empty() && rows[0].index == request.entry_index()) {
    ASSIGN_OR_RETURN(const OwnEntry entry,
                     OpenOwnEntry(rows[0].leaf, rows[0].opening));
    facts.ParseFromString(entry.facts);
  }
  if (!facts.has_request()) {
    return ReasonError(ErrorReason::kNotFound,
                       "this entry of the own log holds no decision on a "
                       "question; comity audit show lists the entries");
  }
  ASSIGN_OR_RETURN(*response.mutable_explanation(), ExplainFacts(call, facts));
  return absl::OkStatus();
}

}  // namespace comity
