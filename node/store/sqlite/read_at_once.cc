#include "node/base/status_macros.h"
#include "node/store/sqlite/sqlite_store.h"

namespace comity {
namespace {

// The table functions over one connection with an open read transaction.
class SqliteSnapshot : public SessionReader<StoreReader, SqliteSnapshot> {
 public:
  explicit SqliteSnapshot(Session& session) : session_(session) {}

  template <typename F>
  auto WithSession(const F& body) const {
    return body(session_);
  }

 private:
  Session& session_;
};

}  // namespace

absl::Status SqliteStore::ReadAtOnce(
    const std::function<absl::Status(const StoreReader&)>& body) const {
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> reader, TakeReader());
  RETURN_IF_ERROR(reader->Run("BEGIN"));
  Session session{*reader, keys_, random_};
  absl::Status status = body(SqliteSnapshot(session));
  // One that cannot end its transaction is closed, which ends it.
  RETURN_IF_ERROR(reader->Run("COMMIT"));
  GiveBack(std::move(reader));
  return status;
}

}  // namespace comity
