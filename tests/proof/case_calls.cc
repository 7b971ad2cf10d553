#include "tests/proof/case_calls.h"

#include "node/base/status_macros.h"
#include "node/service/case_view.h"
#include "node/service/import_sessions.h"
#include "node/service/withdrawal.h"

namespace comity {
namespace {

absl::StatusOr<DangerScreening> ScreeningAgainst(LinkedNode& node,
                                                 const std::string& excluded) {
  operators::v1::Screening screening;
  screening.set_never_contact(false);
  screening.add_never_share_with(excluded);
  return ParseScreening(screening, node.Coordinator("coord").OperatorName(),
                        node.context().clock.Now());
}

}  // namespace

record::v1::CaseRecord PlainRecord(const std::string& reference) {
  record::v1::CaseRecord record;
  record.set_x_local_reference(reference);
  record.set_cas_status("Active");
  record.set_x_age_class("Adult");
  record.set_x_health_summary("needs insulin");
  record.add_plans()->set_spl_type("Health");
  return record;
}

absl::Status MakeScreenedCase(LinkedNode& node, const Uuid& id,
                              record::v1::CaseRecord record) {
  ASSIGN_OR_RETURN(const DangerScreening screening,
                   ScreeningAgainst(node, "TG"));
  const NewCase made =
      MakeNewCase(node.Coordinator("coord"), record, screening, id);
  return node.context()
      .writer
      .Commit(
          [&](CommitScope& scope) { return scope.store().InsertCase(made); })
      .status();
}

absl::Status ScreenCase(LinkedNode& node, const std::string& reference,
                        const std::string& excluded) {
  ASSIGN_OR_RETURN(const DangerScreening screening,
                   ScreeningAgainst(node, excluded));
  ASSIGN_OR_RETURN(
      const std::vector<Uuid> found,
      node.store().FindCases({IndexKind::kLocalReference, reference}));
  return node.context()
      .writer
      .Commit([&](CommitScope& scope) -> absl::Status {
        RETURN_IF_ERROR(scope.store().PutScreening(found.at(0), screening));
        return HoldBackOutbox(node.context(), found.at(0), scope);
      })
      .status();
}

}  // namespace comity
