#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/store/sqlite/case_tables.h"

namespace comity::case_tables {
namespace {

// Rows of an import are what they will be, and stay where they are: a row is
// visible unless its import stands in `imports`. So the commit writes none of
// them again, and what it takes away of `imports` is seen all at once.

// While rows are staged, pages of the random indexes are changed again and
// again: more of them are kept in memory (32 MiB) and in the journal (64 MiB)
// before they are carried into the file.
constexpr const char* kManyRows =
    "PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=16384;";
// SQLite's own.
constexpr const char* kFewRows =
    "PRAGMA cache_size=-2000; PRAGMA wal_autocheckpoint=1000;";

// False if no such import is under way.
absl::StatusOr<bool> EndImport(Session& session, absl::string_view id) {
  RETURN_IF_ERROR(session.database.Run("DELETE FROM imports WHERE id = ?", id));
  return session.database.changes() > 0;
}

}  // namespace

absl::StatusOr<std::vector<Uuid>> ListImports(Session& session) {
  ASSIGN_OR_RETURN(SqliteStatement rows,
                   session.database.Query("SELECT id FROM imports"));
  return ReadIds(rows);
}

absl::Status BeginImport(Session& session, const Uuid& import_id,
                         absl::Time now) {
  const std::string id = import_id.ToBytes();
  ASSIGN_OR_RETURN(SqliteStatement row,
                   session.database.Query(
                       "SELECT 1 FROM cases WHERE import_id = ? AND import_id "
                       "!= x'' LIMIT 1",
                       id));
  ASSIGN_OR_RETURN(const bool used, row.Step());
  if (used) {
    return ReasonError(ErrorReason::kAlreadyExists,
                       "cases were imported under this id; take a new one");
  }
  RETURN_IF_ERROR(session.database.Execute(kManyRows));
  return session.database.Run("INSERT INTO imports VALUES (?, ?)", id,
                              absl::ToUnixMicros(now));
}

absl::StatusOr<StageResult> StageCase(Session& session, const Uuid& import_id,
                                      const NewCase& new_case) {
  return StageSealed(session, import_id, SealCase(session, new_case));
}

absl::StatusOr<StageResult> StageSealed(Session& session, const Uuid& import_id,
                                        const SealedCase& row) {
  const std::string id = import_id.ToBytes();
  {
    ASSIGN_OR_RETURN(
        SqliteStatement found,
        session.database.Query(
            "SELECT c.sequence IS NOT NULL, c.content_index, c.import_id NOT "
            "IN (SELECT id FROM imports) FROM imports i LEFT JOIN cases c ON "
            "c.reference_index = ? WHERE i.id = ?",
            row.reference_index, id));
    ASSIGN_OR_RETURN(const bool begun, found.Step());
    if (!begun) {
      return ReasonError(ErrorReason::kNotFound,
                         "there is no such import under way; begin a new one");
    }
    if (found.Int(0) != 0) {
      const bool same = found.Blob(1) == row.content_index && found.Int(2) != 0;
      return same ? StageResult::kUnchanged : StageResult::kConflict;
    }
  }
  RETURN_IF_ERROR(InsertSealed(session, row, id));
  return StageResult::kStaged;
}

absl::StatusOr<int64_t> CommitImport(Session& session, const Uuid& import_id) {
  const std::string id = import_id.ToBytes();
  ASSIGN_OR_RETURN(const bool under_way, EndImport(session, id));
  if (!under_way) return 0;
  RETURN_IF_ERROR(session.database.Run(
      "INSERT INTO case_changes (case_id) SELECT id FROM cases WHERE "
      "import_id = ? AND import_id != x'' ORDER BY sequence",
      id));
  const int64_t rows = session.database.changes();
  RETURN_IF_ERROR(session.database.Execute(kFewRows));
  return rows;
}

absl::Status DiscardImport(Session& session, const Uuid& import_id) {
  const std::string id = import_id.ToBytes();
  ASSIGN_OR_RETURN(const bool under_way, EndImport(session, id));
  if (!under_way) return absl::OkStatus();
  // As when the node starts, after one that died in an import.
  RETURN_IF_ERROR(session.database.Execute(kManyRows));
  RETURN_IF_ERROR(session.database.Run(
      "DELETE FROM case_terms WHERE case_id IN (SELECT id FROM cases WHERE "
      "import_id = ? AND import_id != x'')",
      id));
  RETURN_IF_ERROR(session.database.Run(
      "DELETE FROM cases WHERE import_id = ? AND import_id != x''", id));
  return session.database.Execute(kFewRows);
}

}  // namespace comity::case_tables
