#include "node/store/sqlite/database.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

// SQLite's own message may quote values, so only its code is told.
absl::Status Failed(int code) {
  if (code == SQLITE_CONSTRAINT) {
    return ReasonError(ErrorReason::kAlreadyExists, "it exists already");
  }
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "the store is damaged, or a part of its file is missing"
                       "; look at the disk, and restore the last backup "
                       "(comity restore)");
  }
  return ReasonError(ErrorReason::kStoreUnavailable,
                     absl::StrCat("the store failed: ", sqlite3_errstr(code),
                                  "; look at the disk and the file's owner"));
}

// SQLite would count each piece of memory under one lock of all connections;
// nobody asks what it counted. Without effect once a connection is open.
void CountNoMemory() {
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)configured;
}

}  // namespace

SqliteStatement::~SqliteStatement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void SqliteStatement::Bind(int64_t value) {
  sqlite3_bind_int64(statement_, next_++, value);
}

void SqliteStatement::Bind(absl::string_view bytes) {
  // An empty view may have no address, which SQLite would read as NULL.
  sqlite3_bind_blob64(statement_, next_++, bytes.empty() ? "" : bytes.data(),
                      bytes.size(), SQLITE_TRANSIENT);
}

void SqliteStatement::Borrow(absl::string_view bytes) {
  sqlite3_bind_blob64(statement_, next_++, bytes.empty() ? "" : bytes.data(),
                      bytes.size(), SQLITE_STATIC);
}

absl::StatusOr<bool> SqliteStatement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return Failed(code & 0xff);
}

int64_t SqliteStatement::Int(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string SqliteStatement::Blob(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (data == nullptr) return "";
  return {static_cast<const char*>(data), static_cast<size_t>(size)};
}

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(
    const std::string& path, bool read_only) {
  CountNoMemory();
  const mode_t previous = umask(0077);
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_NOMUTEX |
                    (read_only ? SQLITE_OPEN_READONLY
                               : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  umask(previous);
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(handle));
  if (code != SQLITE_OK) return Failed(code);
  sqlite3_busy_timeout(handle, 5000);
  RETURN_IF_ERROR(
      database->Execute("PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON;"
                        "PRAGMA temp_store=MEMORY;"));
  if (!read_only) {
    RETURN_IF_ERROR(
        database->Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                          "PRAGMA secure_delete=ON;"));
  }
  return database;
}

SqliteDatabase::~SqliteDatabase() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

absl::Status SqliteDatabase::Execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Failed(code & 0xff);
}

absl::StatusOr<sqlite3_stmt*> SqliteDatabase::Prepare(const char* sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return found->second;
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(
      handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) {
    Log(LogLevel::kError, "store_statement_failed",
        {LogField::Public("code", sqlite3_errstr(code))});
    return Failed(code & 0xff);
  }
  statements_[sql] = statement;
  return statement;
}

int64_t SqliteDatabase::changes() const { return sqlite3_changes64(handle_); }

int64_t SqliteDatabase::last_row() const {
  return sqlite3_last_insert_rowid(handle_);
}

}  // namespace comity
