#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/store/sqlite/sqlite_store.h"

namespace comity {

// The table functions over one connection with an open read transaction.
class SqliteStore::Snapshot : public SessionReader<StoreReader, Snapshot> {
 public:
  Snapshot(Session& session, Reading& reading)
      : session_(session), reading_(reading) {}

  template <typename F>
  auto WithSession(const F& body) const
      -> decltype(body(std::declval<Session&>())) {
    // A visitor of a scan reads on: it holds the mutex already.
    if (in_call_) return body(session_);
    absl::MutexLock lock(&reading_.mutex);
    if (reading_.ended) {
      // Nothing of why: an erasure is nobody else's business.
      return ReasonError(ErrorReason::kStoreUnavailable,
                         "this took too long to be read; ask again");
    }
    in_call_ = true;
    auto result = body(session_);
    in_call_ = false;
    return result;
  }

 private:
  Session& session_;
  Reading& reading_;
  mutable bool in_call_ = false;
};

absl::Status SqliteStore::ReadAtOnce(
    const std::function<absl::Status(const StoreReader&)>& body) const {
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> reader, TakeReader());
  RETURN_IF_ERROR(reader->Run("BEGIN"));
  Session session{*reader, keys_, random_};
  Reading reading(*reader);
  {
    absl::MutexLock lock(&readings_mutex_);
    readings_.insert(&reading);
  }
  absl::Status status = body(Snapshot(session, reading));
  {
    absl::MutexLock lock(&readings_mutex_);
    readings_.erase(&reading);
  }
  absl::MutexLock lock(&reading.mutex);
  // One that cannot end its transaction is closed, which ends it.
  if (!reading.ended) RETURN_IF_ERROR(reader->Run("COMMIT"));
  GiveBack(std::move(reader));
  return status;
}

}  // namespace comity
