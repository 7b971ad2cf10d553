#include "node/service/table_answer.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/case_answer.h"
#include "node/service/decision_state.h"
#include "node/service/officers.h"
#include "node/service/table_budgets.h"
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
                             absl::Time last_moment) {
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
  facts.member_on = last_moment;
  return facts;
}

// The engine has one reason for both limits; the asker is told which it is.
ErrorReason LimitOf(const PolicyEngine& engine, const Caller& caller,
                    const RequestFacts& request, StateFacts usage) {
  usage.used.clear();
  const Ruling ruling = engine.Decide(caller, request, RecordFacts(), usage);
  return ruling.decision.reason == ErrorReason::kLimitReached
             ? ErrorReason::kPrivacyBudgetSpent
             : ErrorReason::kLimitReached;
}

// What one answer charges and keeps when it is committed.
struct TableRelease {
  std::shared_ptr<const PolicyEngine> engine;
  RequestFacts request;
  Decision decision;
  std::string officer;
  ProtectedAnswer table;
};

absl::Status Charge(const TableRelease& release, CommitScope& scope) {
  StoreTransaction& store = scope.store();
  RETURN_IF_ERROR(ChargeLimits(release.engine->policy(), release.request,
                               release.decision, release.officer, scope.now(),
                               store));
  RETURN_IF_ERROR(KeepAnswer(release.table, scope));
  const std::string& asker = release.request.asker.text();
  ASSIGN_OR_RETURN(const uint32_t fresh,
                   store.CountUndelivered(asker, release.table.cells));
  ASSIGN_OR_RETURN(
      const uint32_t total,
      store.ChargeCounter(BudgetCounter(release.request.asker.text(),
                                        release.request.agreement_id),
                          BudgetWindow(scope.now()), fresh));
  const uint32_t budget = release.decision.duties.yearly_budget;
  if (budget != 0 && total > budget) {
    return ReasonError(ErrorReason::kPrivacyBudgetSpent,
                       "the year's budget of cells is spent");
  }
  return store.PutDelivered(asker, release.table.cells);
}

absl::StatusOr<FederationAnswer> Handle(NodeContext& node,
                                        const FederationCall& call,
                                        const StoreReader& reader) {
  pb::TableQuestion asked;
  if (!asked.ParseFromString(call.message.message.payload)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the question does not parse");
  }
  RETURN_IF_ERROR(CheckOfficer(asked.officer_pseudonym()));
  ASSIGN_OR_RETURN(const TableQuestion question, ParseTableQuestion(asked));
  RETURN_IF_ERROR(question.CheckMayLeave());
  const RequestFacts request =
      FactsOfQuestion(node, call, asked, question.LastMoment());
  const auto engine = node.policy.Get(call.now);
  ASSIGN_OR_RETURN(
      StateFacts usage,
      ReadState(engine->policy(), request, asked.officer_pseudonym(), reader));
  ASSIGN_OR_RETURN(usage.cells_used_this_year,
                   reader.ReadCounter(BudgetCounter(request.asker.text(),
                                                    request.agreement_id),
                                      BudgetWindow(call.now)));
  Ruling ruling = engine->Decide(call.caller, request, RecordFacts(), usage);
  ProtectedAnswer table;
  if (ruling.permit.has_value()) {
    ASSIGN_OR_RETURN(table,
                     FindOrProtect(node, question, *ruling.permit, reader));
    ASSIGN_OR_RETURN(usage.new_cells, reader.CountUndelivered(
                                          request.asker.text(), table.cells));
    // Decided again with what this answer would cost.
    ruling = engine->Decide(call.caller, request, RecordFacts(), usage);
  }
  FederationAnswer answer;
  answer.engine = engine;
  answer.detail = DescribeDecision(*engine, request.operation, ruling.decision);
  answer.facts =
      FormatDecisionFacts(engine->policy(), request, RecordFacts(), usage)
          .SerializeAsString();
  if (!ruling.permit.has_value()) {
    const ErrorReason reason =
        ruling.decision.reason == ErrorReason::kLimitReached
            ? LimitOf(*engine, call.caller, request, usage)
            : ruling.decision.reason;
    answer.payload = Refuse(ReasonError(
        reason,
        "the agreement does not allow this table, or its budget is spent"));
    return answer;
  }
  answer.still_holds = [table](const StoreReader& now) {
    return LedgerUnchanged(table, now);
  };
  answer.effect = [release = TableRelease{engine, request, ruling.decision,
                                          asked.officer_pseudonym(), table}](
                      CommitScope& scope) { return Charge(release, scope); };
  answer.note = ReleaseNote{request.asker, true, "RELEASED",
                            ruling.decision.duties.notify};
  answer.note->agreement_id = request.agreement_id;
  pb::TableAnswer payload;
  *payload.mutable_table() = std::move(table.released);
  *payload.mutable_table()->mutable_terms() = TermsOf(*ruling.permit, false);
  answer.payload = Padded(payload);
  return answer;
}

}  // namespace

QuestionMethod TableAnswerMethod(NodeContext& node) {
  return {MessageKind::kTableQuestion,
          MessageKind::kTableAnswer,
          "comity.federation.v1.TableQuestion",
          "comity.federation.v1.TableAnswer",
          [&node](const FederationCall& call, const StoreReader& reader) {
            return Handle(node, call, reader);
          },
          Refuse};
}

}  // namespace comity
