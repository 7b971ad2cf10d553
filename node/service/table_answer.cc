#include "node/service/table_answer.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/disclosure/interim_suppression.h"
#include "node/service/case_answer.h"
#include "node/service/decision_state.h"
#include "node/service/officers.h"
#include "node/tabulation/column_table.h"
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

// The stored answer, or the first one (design.md law 8): its key is the
// question, the revision and the method with its parameters; no asker.
struct Table {
  std::string key;
  pb::ReleasedTable released;
  bool first = false;
};

absl::StatusOr<Table> FindOrCount(const TableQuestion& question,
                                  const Permit& permit,
                                  const StoreReader& reader) {
  ASSIGN_OR_RETURN(const SnapshotRow snapshot,
                   reader.ReadSnapshot(permit, question.period()));
  const uint32_t k = permit.duties().k_threshold;
  Table table;
  table.key = Sha256(absl::StrCat(question.CanonicalForm(), "revision ",
                                  snapshot.revision, "\nmethod ",
                                  kInterimMethod, " ", k));
  ASSIGN_OR_RETURN(const auto stored, reader.ReadTableAnswer(table.key));
  if (stored.has_value()) {
    if (table.released.ParseFromString(*stored)) return table;
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "a stored answer does not parse");
  }
  ASSIGN_OR_RETURN(const PeriodColumns columns,
                   PeriodColumns::Parse(snapshot.columns));
  table.first = true;
  table.released.set_period(question.period());
  table.released.set_revision(snapshot.revision);
  for (const std::string& dimension : question.dimensions()) {
    table.released.add_dimensions(dimension);
  }
  table.released.set_method(kInterimMethod);
  table.released.set_threshold(k);
  FormatCells(ProtectInterim(columns.Count(question).counts, k),
              table.released);
  return table;
}

std::vector<std::string> CellKeys(const TableQuestion& question,
                                  const pb::ReleasedTable& released) {
  std::vector<std::string> keys;
  for (const std::string& text :
       CellTexts(question, released.revision(), ParseCells(released))) {
    keys.push_back(Sha256(text));
  }
  return keys;
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

std::string BudgetCounter(const RequestFacts& request) {
  return absl::StrCat("cells/", request.asker.text(), "/",
                      request.agreement_id);
}
std::string BudgetWindow(absl::Time now) {
  return absl::FormatTime("%Y", now, absl::UTCTimeZone());
}

// What one answer charges and keeps when it is committed.
struct TableRelease {
  std::shared_ptr<const PolicyEngine> engine;
  RequestFacts request;
  Decision decision;
  std::string officer;
  Table table;
  std::vector<std::string> cells;
};

absl::Status Charge(const TableRelease& release, CommitScope& scope) {
  StoreTransaction& store = scope.store();
  RETURN_IF_ERROR(ChargeLimits(release.engine->policy(), release.request,
                               release.decision, release.officer, scope.now(),
                               store));
  ASSIGN_OR_RETURN(const auto stored, store.ReadTableAnswer(release.table.key));
  if (!stored.has_value()) {
    RETURN_IF_ERROR(store.PutTableAnswer(
        release.table.key, release.table.released.SerializeAsString()));
  }
  const std::string& asker = release.request.asker.text();
  ASSIGN_OR_RETURN(const uint32_t fresh,
                   store.CountUndelivered(asker, release.cells));
  ASSIGN_OR_RETURN(const uint32_t total,
                   store.ChargeCounter(BudgetCounter(release.request),
                                       BudgetWindow(scope.now()), fresh));
  const uint32_t budget = release.decision.duties.yearly_budget;
  if (budget != 0 && total > budget) {
    return ReasonError(ErrorReason::kPrivacyBudgetSpent,
                       "the year's budget of cells is spent");
  }
  return store.PutDelivered(asker, release.cells);
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
  const RequestFacts request =
      FactsOfQuestion(node, call, asked, question.LastMoment());
  const auto engine = node.policy.Get(call.now);
  ASSIGN_OR_RETURN(
      StateFacts usage,
      ReadState(engine->policy(), request, asked.officer_pseudonym(), reader));
  ASSIGN_OR_RETURN(
      usage.cells_used_this_year,
      reader.ReadCounter(BudgetCounter(request), BudgetWindow(call.now)));
  Ruling ruling = engine->Decide(call.caller, request, RecordFacts(), usage);
  std::vector<std::string> cells;
  Table table;
  if (ruling.permit.has_value()) {
    ASSIGN_OR_RETURN(table, FindOrCount(question, *ruling.permit, reader));
    cells = CellKeys(question, table.released);
    ASSIGN_OR_RETURN(usage.new_cells,
                     reader.CountUndelivered(request.asker.text(), cells));
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
  answer.effect = [release = TableRelease{engine, request, ruling.decision,
                                          asked.officer_pseudonym(), table,
                                          cells}](CommitScope& scope) {
    return Charge(release, scope);
  };
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
