#include "node/base/status_macros.h"
#include "node/store/sqlite/case_tables.h"

namespace comity::case_tables {

absl::StatusOr<std::vector<Uuid>> ListImports(Session& session) {
  ASSIGN_OR_RETURN(SqliteStatement rows,
                   session.database.Query("SELECT id FROM imports"));
  std::vector<Uuid> ids;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return ids;
    ASSIGN_OR_RETURN(Uuid id, Uuid::FromBytes(rows.Blob(0)));
    ids.push_back(id);
  }
}

absl::Status BeginImport(Session& session, const Uuid& import_id,
                         absl::Time now) {
  return session.database.Run("INSERT INTO imports VALUES (?, ?)",
                              import_id.ToBytes(), absl::ToUnixMicros(now));
}

absl::StatusOr<StageResult> StageCase(Session& session, const Uuid& import_id,
                                      const NewCase& new_case) {
  const std::string reference =
      BlindIndex(session, "reference", ReferenceOf(new_case));
  {
    ASSIGN_OR_RETURN(SqliteStatement row,
                     session.database.Query(
                         "SELECT content_index, import_id FROM cases WHERE "
                         "reference_index = ?",
                         reference));
    ASSIGN_OR_RETURN(const bool found, row.Step());
    if (found) {
      const bool same =
          row.Blob(0) == ContentOf(session, new_case) && row.Blob(1).empty();
      return same ? StageResult::kUnchanged : StageResult::kConflict;
    }
  }
  RETURN_IF_ERROR(InsertCase(session, new_case, import_id.ToBytes()));
  return StageResult::kStaged;
}

absl::StatusOr<int64_t> CommitImport(Session& session, const Uuid& import_id) {
  const std::string id = import_id.ToBytes();
  RETURN_IF_ERROR(session.database.Run(
      "INSERT INTO case_changes (case_id) SELECT id FROM cases WHERE "
      "import_id = ? ORDER BY sequence",
      id));
  RETURN_IF_ERROR(session.database.Run(
      "UPDATE cases SET import_id = x'' WHERE import_id = ?", id));
  const int64_t rows = session.database.changes();
  RETURN_IF_ERROR(session.database.Run("DELETE FROM imports WHERE id = ?", id));
  return rows;
}

absl::Status DiscardImport(Session& session, const Uuid& import_id) {
  const std::string id = import_id.ToBytes();
  RETURN_IF_ERROR(session.database.Run(
      "DELETE FROM case_terms WHERE case_id IN (SELECT id FROM cases WHERE "
      "import_id = ?)",
      id));
  RETURN_IF_ERROR(
      session.database.Run("DELETE FROM cases WHERE import_id = ?", id));
  return session.database.Run("DELETE FROM imports WHERE id = ?", id);
}

}  // namespace comity::case_tables
