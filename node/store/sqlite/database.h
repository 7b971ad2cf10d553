#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3;
struct sqlite3_stmt;

namespace comity {

// A running statement: bound, stepped, read by column. Resets itself when it
// ends. Belongs to one Database; used by one thread.
class SqliteStatement {
 public:
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}
  SqliteStatement(SqliteStatement&& other) noexcept
      : statement_(other.statement_), next_(other.next_) {
    other.statement_ = nullptr;
  }
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;
  SqliteStatement& operator=(SqliteStatement&&) = delete;
  ~SqliteStatement();

  void Bind(int64_t value);
  void Bind(uint64_t value) { Bind(static_cast<int64_t>(value)); }
  void Bind(int value) { Bind(static_cast<int64_t>(value)); }
  void Bind(uint32_t value) { Bind(static_cast<int64_t>(value)); }
  // A blob, copied.
  void Bind(absl::string_view bytes);

  // Borrows a blob, which must live until the last step.
  void Borrow(absl::string_view bytes);
  template <typename Number>
  requires(!std::is_convertible_v<Number, absl::string_view>) void Borrow(
      Number value) {
    Bind(value);
  }

  // True for a row, false at the end. STORE_UNAVAILABLE if it fails,
  // ALREADY_EXISTS if it would break a unique key.
  absl::StatusOr<bool> Step();

  int64_t Int(int column) const;
  std::string Blob(int column) const;

 private:
  sqlite3_stmt* statement_;
  int next_ = 1;
};

// One SQLite connection with its cached statements. Used by one thread at a
// time.
class SqliteDatabase {
 public:
  // Opens the file for reading and writing (creating it, mode 0600) or for
  // reading alone. STORE_UNAVAILABLE if it cannot.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(
      const std::string& path, bool read_only);
  ~SqliteDatabase();

  // Runs SQL text without arguments; several statements may follow each other.
  absl::Status Execute(const char* sql);

  // Prepares and binds. `sql` must be a literal: it is the cache's key.
  template <typename... Args>
  absl::StatusOr<SqliteStatement> Query(const char* sql, const Args&... args) {
    auto prepared = Prepare(sql);
    if (!prepared.ok()) return prepared.status();
    SqliteStatement statement(*prepared);
    (statement.Bind(args), ...);
    return statement;
  }

  // Prepares, binds and runs to the end.
  template <typename... Args>
  absl::Status Run(const char* sql, const Args&... args) {
    auto prepared = Prepare(sql);
    if (!prepared.ok()) return prepared.status();
    SqliteStatement statement(*prepared);
    (statement.Borrow(args), ...);
    return statement.Step().status();
  }

  int64_t changes() const;
  int64_t last_row() const;

 private:
  explicit SqliteDatabase(sqlite3* handle) : handle_(handle) {}
  absl::StatusOr<sqlite3_stmt*> Prepare(const char* sql);

  sqlite3* handle_;
  absl::flat_hash_map<const char*, sqlite3_stmt*> statements_;  // by address
};

}  // namespace comity
