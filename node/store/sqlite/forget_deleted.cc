#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/store/sqlite/sqlite_store.h"
#include "node/store/store_copy.h"

namespace comity {
namespace {

// False if somebody reads it.
absl::StatusOr<bool> EmptyJournal(SqliteDatabase& writer) {
  ASSIGN_OR_RETURN(SqliteStatement row,
                   writer.Query("PRAGMA wal_checkpoint(TRUNCATE)"));
  RETURN_IF_ERROR(row.Step().status());
  return row.Int(0) == 0;
}

}  // namespace

absl::Status SqliteStore::ForgetDeleted() {
  absl::MutexLock lock(&write_mutex_);
  DeleteCopies(path_);
  EndReadings();
  // Nobody commits meanwhile, so that who reads is waited for one second.
  RETURN_IF_ERROR(writer_->Execute("PRAGMA busy_timeout=1000"));
  const absl::StatusOr<bool> emptied = EmptyJournal(*writer_);
  RETURN_IF_ERROR(writer_->Execute("PRAGMA busy_timeout=5000"));
  RETURN_IF_ERROR(emptied.status());
  must_forget_ = !*emptied;
  if (*emptied) return absl::OkStatus();
  NoteWaiting();
  return ReasonError(ErrorReason::kStoreUnavailable,
                     "the journal is being read; it is emptied later");
}

void SqliteStore::EndReadings() {
  absl::MutexLock lock(&readings_mutex_);
  for (Reading* each : readings_) {
    if (!each->waited_for || !each->mutex.TryLock()) continue;
    if (!each->ended) each->ended = each->database.Run("COMMIT").ok();
    each->mutex.Unlock();
  }
}

void SqliteStore::NoteWaiting() {
  absl::MutexLock lock(&readings_mutex_);
  for (Reading* each : readings_) each->waited_for = true;
}

}  // namespace comity
