#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/service/own_erasure.h"
#include "node/service/page_size.h"
#include "node/service/subject_steps.h"

// A person is erased, and what is left of her case is shown.
namespace comity {
namespace {

namespace pb = operators::v1;

absl::StatusOr<ErasureGround> ParseGround(const std::string& name) {
  const auto ground = FromName<ErasureGround>(name);
  if (ground != ErasureGround::kUnset &&
      ground != ErasureGround::kRetentionEnded) {
    return ground;
  }
  return ReasonError(
      ErrorReason::kFieldInvalid,
      "the ground is SUBJECT_REQUEST, CONSENT_WITHDRAWN, RECORDED_IN_ERROR, "
      "UNLAWFUL or COURT_ORDER");
}

// The housekeeper tries again what has to wait for a reader.
void EmptyJournal(NodeContext& node) {
  const absl::Status forgotten = node.store.ForgetDeleted();
  if (forgotten.ok()) return;
  Log(LogLevel::kWarning, "journal_waits",
      {LogField::Public("why", forgotten.message())});
}

bool Reaches(const OperatorCall& call, const Tombstone& left) {
  CaseFacts facts;
  facts.case_id = left.case_id;
  facts.organisation = left.organisation;
  return call.PermitOn(facts).ok();
}

absl::Status AddErasure(OperatorCall& call, const Tombstone& left,
                        pb::ListErasuresResponse& response) {
  if (!Reaches(call, left)) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      *response.add_erasures(),
      ErasureViewOf(call.node(), call.node().store, left, call.now()));
  return absl::OkStatus();
}

}  // namespace

absl::Status HandleEraseSubject(OperatorCall& call,
                                const pb::EraseSubjectRequest& request,
                                pb::EraseSubjectResponse& response) {
  NodeContext& node = call.node();
  Tombstone left;
  ASSIGN_OR_RETURN(left.ground, ParseGround(request.ground()));
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  left.case_id = *permit.case_id();
  left.role = call.caller().role;
  if (!request.confirm()) {
    call.SetDetail("REHEARSED");
    ASSIGN_OR_RETURN(
        *response.mutable_reach(),
        ReachOfErasure(node, node.store, left.case_id, call.now()));
    return absl::OkStatus();
  }
  call.SetDetail(Name(left.ground));
  RETURN_IF_ERROR(
      call.Commit([&](CommitScope& scope) -> absl::Status {
            ASSIGN_OR_RETURN(*response.mutable_reach(),
                             EraseOwnCase(node, left, Partners::kAsked, scope));
            ASSIGN_OR_RETURN(
                const Tombstone tombstone,
                scope.store().FindTombstone(left.case_id.ToString()));
            ASSIGN_OR_RETURN(
                *response.mutable_erasure(),
                ErasureViewOf(node, scope.store(), tombstone, scope.now()));
            return absl::OkStatus();
          })
          .status());
  EmptyJournal(node);
  return absl::OkStatus();
}

absl::Status HandleListErasures(OperatorCall& call,
                                const pb::ListErasuresRequest& request,
                                pb::ListErasuresResponse& response) {
  const StoreReader& store = call.node().store;
  if (!request.case_id().empty()) {
    const auto left = store.FindTombstone(request.case_id());
    if (left.ok()) RETURN_IF_ERROR(AddErasure(call, *left, response));
    if (response.erasures_size() > 0) return absl::OkStatus();
    return ReasonError(ErrorReason::kNotFound,
                       "no case of this id or reference was erased");
  }
  Uuid after;
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(after, Uuid::Parse(request.page_token()));
  }
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::vector<Tombstone> page,
                   store.ListTombstones(after, size));
  for (const Tombstone& left : page) {
    RETURN_IF_ERROR(AddErasure(call, left, response));
  }
  if (static_cast<int>(page.size()) == size) {
    response.set_next_page_token(page.back().case_id.ToString());
  }
  return absl::OkStatus();
}

}  // namespace comity
