#include "node/service/table_answer.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/case_answer.h"
#include "node/service/decision_state.h"
#include "node/service/epsilon_budget.h"
#include "node/service/linked_budget.h"
#include "node/service/secure_share.h"
#include "node/service/table_budgets.h"
#include "node/service/table_matter.h"
#include "node/service/table_protection.h"
#include "node/wire/decision_wire.h"
#include "node/wire/error_wire.h"
#include "node/wire/table_wire.h"

namespace comity {
namespace {

namespace pb = federation::v1;
constexpr size_t kSizeClass = 2048;

std::string Padded(pb::TableAnswer& answer) {
  answer.set_padding(PaddingFor(answer.ByteSizeLong(), kSizeClass));
  return answer.SerializeAsString();
}

std::string Refuse(const absl::Status& status) {
  pb::TableAnswer answer;
  answer.mutable_refusal()->set_reason(
      std::string(ReasonName(ReasonOf(status))));
  answer.mutable_refusal()->set_message(PublicMessage(status));
  return Padded(answer);
}

RequestFacts FactsOfQuestion(const NodeContext& node,
                             const FederationCall& call,
                             const pb::TableQuestion& question,
                             const TableQuestion& table) {
  RequestFacts facts{call.now,
                     node.self,
                     call.caller.participant,
                     node.self,
                     call.caller.participant,
                     FromName<Role>(question.role()),
                     "",
                     Operation::kAggregateCount,
                     FromName<Purpose>(question.purpose()),
                     FromName<LegalBasis>(question.basis()),
                     question.agreement_id(),
                     question.agreement_digest(),
                     FieldGroups()};
  facts.member_on = table.LastMoment();
  facts.table = TableShape::Of(table);
  return facts;
}

// The engine has one reason for limits and budgets; the asker is told which it
// is.
ErrorReason LimitOf(const PolicyEngine& engine, const Caller& caller,
                    const RequestFacts& request, StateFacts usage) {
  usage.used.clear();
  usage.linked_tables = 0;
  const Ruling ruling = engine.Decide(caller, request, RecordFacts(), usage);
  return ruling.decision.reason == ErrorReason::kLimitReached
             ? ErrorReason::kPrivacyBudgetSpent
             : ErrorReason::kLimitReached;
}

// One question with what it is decided on.
struct Inquiry {
  std::shared_ptr<const PolicyEngine> engine;
  Uuid message;
  std::string officer;
  uint32_t approvers = 0;  // of the asker's people
  TableQuestion question;
  RequestFacts request;
  std::optional<SumRequest> sum;  // what the question's sum is over

  // What the own people would have to approve.
  ApprovalBinding Binding() const {
    return TableBinding(ApprovalMatter::kAnswerTable, question, request,
                        request.asker.text());
  }
};

absl::StatusOr<Inquiry> ReadInquiry(const NodeContext& node,
                                    const FederationCall& call) {
  pb::TableQuestion asked;
  if (!asked.ParseFromString(call.message.message.payload)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the question does not parse");
  }
  ASSIGN_OR_RETURN(
      const uint32_t approvers,
      CountApprovers(asked.officer_pseudonym(), asked.approver_pseudonyms()));
  ASSIGN_OR_RETURN(TableQuestion question, ParseTableQuestion(asked));
  RETURN_IF_ERROR(question.CheckMayLeave());
  RequestFacts request = FactsOfQuestion(node, call, asked, question);
  ASSIGN_OR_RETURN(std::optional<SumRequest> sum,
                   ReadSumRequest(asked, question, request.asker.text()));
  return Inquiry{node.policy.Get(call.now),
                 call.message.leaf.request_id,
                 asked.officer_pseudonym(),
                 approvers,
                 std::move(question),
                 std::move(request),
                 std::move(sum)};
}

// The state as the store has it, with the approvals of both sides.
absl::StatusOr<StateFacts> StandingOf(const Inquiry& inquiry,
                                      const StoreReader& reader) {
  const CompiledPolicy& policy = inquiry.engine->policy();
  const RequestFacts& request = inquiry.request;
  ASSIGN_OR_RETURN(
      StateFacts state,
      ReadStateOfQuestion(policy, request, inquiry.officer, reader));
  const Agreement* agreement =
      policy.set().Find(request.agreement_id, request.agreement_digest);
  ASSIGN_OR_RETURN(state.cells_used_this_year,
                   CellsGiven(reader, request.asker.text(),
                              agreement == nullptr ? absl::InfinitePast()
                                                   : agreement->valid_from,
                              request.now));
  state.approvals = inquiry.approvers;
  RETURN_IF_ERROR(ReadEpsilonSpent(inquiry.question.period(), request.asker,
                                   reader, state));
  RETURN_IF_ERROR(
      ReadLinkedTables(inquiry.question, request.asker, reader, state));
  if (MayNeedApprovalsAtHome(policy, request)) {
    ASSIGN_OR_RETURN(
        const FoundApproval found,
        FindApproval(reader, inquiry.Binding(), inquiry.message, request.now));
    state.approvals_at_home = GivenIn(found);
  }
  return state;
}

// What one answer charges and keeps when it is committed.
struct TableRelease {
  Decision decision;
  ProtectedAnswer table;
};

absl::Status Charge(const Inquiry& inquiry, const TableRelease& release,
                    CommitScope& scope) {
  StoreTransaction& store = scope.store();
  const RequestFacts& request = inquiry.request;
  RETURN_IF_ERROR(ChargeLimits(inquiry.engine->policy(), request,
                               release.decision, inquiry.officer, scope.now(),
                               store));
  if (MayNeedApprovalsAtHome(inquiry.engine->policy(), request)) {
    ASSIGN_OR_RETURN(
        const FoundApproval found,
        FindApproval(store, inquiry.Binding(), inquiry.message, request.now));
    RETURN_IF_ERROR(UseApproval(found, inquiry.message, store));
  }
  RETURN_IF_ERROR(KeepAnswer(release.table, scope));
  const std::string& asker = request.asker.text();
  ASSIGN_OR_RETURN(const uint32_t fresh,
                   store.CountUndelivered(asker, release.table.cells));
  ASSIGN_OR_RETURN(const uint32_t total,
                   store.ChargeCounter(BudgetCounter(asker),
                                       BudgetWindow(scope.now()), fresh));
  const uint32_t budget = release.decision.duties.yearly_budget;
  if (budget != 0 && total > budget) {
    return ReasonError(ErrorReason::kPrivacyBudgetSpent,
                       "the year's budget of cells is spent");
  }
  RETURN_IF_ERROR(ChargeEpsilon(release.table, request.asker,
                                release.decision.duties, store));
  RETURN_IF_ERROR(KeepLinkedTable(inquiry.question, release.table.released,
                                  request.asker, store));
  if (inquiry.sum.has_value()) {
    RETURN_IF_ERROR(KeepSum(*inquiry.sum, asker, inquiry.question,
                            release.table.key, store));
  }
  return store.PutDelivered(asker, release.table.cells);
}

FederationAnswer RefuseInquiry(NodeContext& node, const Caller& caller,
                               const Inquiry& inquiry, const Decision& decision,
                               const StateFacts& state,
                               FederationAnswer answer) {
  if (decision.private_reason == PrivateReason::kApprovalsAtHome) {
    answer.effect = [&node, inquiry,
                     missing = decision.approvals_missing](CommitScope& scope) {
      return AskOwnPeople(inquiry.Binding(), inquiry.message, missing,
                          node.random, scope);
    };
  }
  const ErrorReason reason =
      decision.reason == ErrorReason::kLimitReached
          ? LimitOf(*inquiry.engine, caller, inquiry.request, state)
          : decision.reason;
  answer.payload = Refuse(
      ReasonError(reason,
                  "the agreement does not allow this table, its approvals or "
                  "budget are not "
                  "there, or too many tables that share columns were given"));
  return answer;
}

// What is decided and released, or why nothing is.
struct Judged {
  Ruling ruling;
  StateFacts state;
  TableRelease release;
};

// Everybody's commits wait for the one that is running, so nothing is solved in
// it: what somebody else's answer came before is asked for again.
absl::StatusOr<std::unique_ptr<SolvingTurns::Turn>> TakeTurn(
    SolvingTurns& turns, const FederationCall& call) {
  if (!call.in_commit) {
    return turns.Take(call.caller.participant, call.is_cancelled);
  }
  return ReasonError(ErrorReason::kOverloaded,
                     "what this table was solved with has changed meanwhile; "
                     "ask again");
}

absl::StatusOr<Judged> JudgeTable(const NodeContext& node, const Caller& caller,
                                  const Inquiry& inquiry,
                                  const TakeSolvingTurn& take_turn,
                                  const StoreReader& reader) {
  ASSIGN_OR_RETURN(StateFacts state, StandingOf(inquiry, reader));
  const auto decide = [&] {
    return inquiry.engine->Decide(caller, inquiry.request, RecordFacts(),
                                  state);
  };
  Ruling ruling = decide();
  TableRelease release;
  if (ruling.permit.has_value()) {
    ASSIGN_OR_RETURN(const auto uncounted,
                     ToBeCounted(inquiry.question, *ruling.permit, reader));
    // It costs one cell at least: what goes over a budget is not counted.
    if (uncounted.has_value()) {
      state.new_cells = 1;
      RETURN_IF_ERROR(
          ReadEpsilonCost(*uncounted, inquiry.request.asker, reader, state));
      ruling = decide();
    }
  }
  if (ruling.permit.has_value()) {
    // A permit rests on an agreement.
    const Agreement& agreement = *inquiry.engine->policy().set().Find(
        inquiry.request.agreement_id, inquiry.request.agreement_digest);
    RETURN_IF_ERROR(CheckSumRequest(inquiry.sum, node.self.text(), agreement,
                                    ruling.permit->duties()));
    ASSIGN_OR_RETURN(release.table,
                     FindOrProtect(node, inquiry.question, *ruling.permit,
                                   take_turn, reader));
    ASSIGN_OR_RETURN(state.new_cells,
                     reader.CountUndelivered(inquiry.request.asker.text(),
                                             release.table.cells));
    RETURN_IF_ERROR(
        ReadEpsilonCost(release.table, inquiry.request.asker, reader, state));
    // Decided again with what this answer would cost.
    ruling = decide();
  }
  release.decision = ruling.decision;
  return Judged{std::move(ruling), std::move(state), std::move(release)};
}

absl::StatusOr<FederationAnswer> Handle(NodeContext& node, SolvingTurns& turns,
                                        const FederationCall& call,
                                        const StoreReader& reader) {
  ASSIGN_OR_RETURN(const Inquiry inquiry, ReadInquiry(node, call));
  const RequestFacts& request = inquiry.request;
  const auto take_turn = [&] { return TakeTurn(turns, call); };
  ASSIGN_OR_RETURN(Judged judged,
                   JudgeTable(node, call.caller, inquiry, take_turn, reader));
  const Decision& decision = judged.ruling.decision;
  FederationAnswer answer;
  answer.engine = inquiry.engine;
  answer.detail =
      DescribeDecision(*inquiry.engine, request.operation, decision) +
      SumWords(inquiry.sum);
  answer.facts = SerializeDecisionFacts(inquiry.engine->policy(), request,
                                        RecordFacts(), judged.state);
  answer.still_holds = [inquiry, table = judged.release.table,
                        linked = judged.state.linked_tables,
                        at_home = judged.state.approvals_at_home](
                           const StoreReader& now) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const StateFacts current, StandingOf(inquiry, now));
    if (current.approvals_at_home != at_home) return false;
    if (current.linked_tables != linked) return false;
    return LedgerUnchanged(table, now);
  };
  if (!judged.ruling.permit.has_value()) {
    return RefuseInquiry(node, call.caller, inquiry, decision, judged.state,
                         std::move(answer));
  }
  const Permit& permit = *judged.ruling.permit;
  answer.note =
      ReleaseNote{request.asker, true, "RELEASED", decision.duties.notify};
  answer.note->agreement_id = request.agreement_id;
  pb::TableAnswer payload;
  *payload.mutable_table() = judged.release.table.released;
  *payload.mutable_table()->mutable_terms() = TermsOf(permit, false);
  if (inquiry.sum.has_value()) {
    RETURN_IF_ERROR(CheckRound(*inquiry.sum, judged.release.table.key, reader));
    RETURN_IF_ERROR(
        MaskTable(node, inquiry.sum->round, *payload.mutable_table()));
  }
  answer.payload = Padded(payload);
  answer.effect = [inquiry,
                   release = std::move(judged.release)](CommitScope& scope) {
    return Charge(inquiry, release, scope);
  };
  return answer;
}

}  // namespace

QuestionMethod TableAnswerMethod(NodeContext& node) {
  return {MessageKind::kTableQuestion,
          MessageKind::kTableAnswer,
          "comity.federation.v1.TableQuestion",
          "comity.federation.v1.TableAnswer",
          [&node, turns = std::make_shared<SolvingTurns>()](
              const FederationCall& call, const StoreReader& reader) {
            return Handle(node, *turns, call, reader);
          },
          Refuse};
}

}  // namespace comity
