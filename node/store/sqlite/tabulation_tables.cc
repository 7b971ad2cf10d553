#include "node/store/sqlite/tabulation_tables.h"

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/store/sqlite/all_rows.h"
#include "node/store/sqlite/case_tables.h"

namespace comity::tabulation_tables {
namespace {

absl::StatusOr<ReferralChange> ChangeOf(const SqliteStatement& row) {
  ReferralChange change;
  change.sequence = static_cast<uint64_t>(row.Int(0));
  ASSIGN_OR_RETURN(change.referral_id, Uuid::FromBytes(row.Blob(1)));
  return change;
}

}  // namespace

absl::StatusOr<LastChanges> ReadLastChanges(Session& session) {
  ASSIGN_OR_RETURN(
      SqliteStatement row,
      session.database.Query(
          "SELECT ifnull((SELECT max(sequence) FROM case_changes), 0), "
          "ifnull((SELECT max(sequence) FROM referral_changes), 0)"));
  RETURN_IF_ERROR(row.Step().status());
  return LastChanges{static_cast<uint64_t>(row.Int(0)),
                     static_cast<uint64_t>(row.Int(1))};
}

absl::StatusOr<std::vector<ReferralChange>> ReadReferralChanges(
    Session& session, uint64_t sequence, int limit) {
  ASSIGN_OR_RETURN(
      SqliteStatement rows,
      session.database.Query(
          "SELECT sequence, referral_id FROM referral_changes WHERE sequence > "
          "? ORDER BY sequence LIMIT ?",
          sequence, limit));
  return AllRows(rows, ChangeOf);
}

absl::Status CheckTabulates(const Permit& permit) {
  if (permit.local_operation() == LocalOperation::kTableTabulate &&
      permit.scope() == CaseScope::kAll) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kInternal,
                     "a scan needs a permit for tabulation");
}

absl::StatusOr<StoredCase> ReadToTabulate(Session& session,
                                          const Permit& permit,
                                          const Uuid& case_id) {
  RETURN_IF_ERROR(CheckTabulates(permit));
  return case_tables::ReadWhole(session, case_id);
}

}  // namespace comity::tabulation_tables
