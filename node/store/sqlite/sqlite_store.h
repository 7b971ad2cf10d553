#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "node/store/sqlite/session_reader.h"

namespace comity {

// A store in one SQLite file: one writing connection, and a pool of reading
// connections that grows with the threads that read at once.
class SqliteStore : public SessionReader<Store, SqliteStore> {
 public:
  SqliteStore(std::string path, StoreKeys keys, RandomSource& random,
              std::unique_ptr<SqliteDatabase> writer)
      : path_(std::move(path)),
        keys_(std::move(keys)),
        random_(random),
        writer_(std::move(writer)) {}

  absl::Status Transact(
      const std::function<absl::Status(StoreTransaction&)>& body) override;
  absl::Status ReadAtOnce(const std::function<absl::Status(const StoreReader&)>&
                              body) const override;
  absl::Status ForgetDeleted() override;
  bool MustForget() const override { return must_forget_; }

  // Sets what every store holds from its first day: the check of the key and
  // the decoy. INTEGRITY_FAILURE if the key is another.
  absl::Status Prepare();

 private:
  friend class SessionReader<Store, SqliteStore>;
  template <typename Base, typename Derived>
  friend class TabulationSessionReader;
  template <typename Base, typename Derived>
  friend class CaseSessionReader;
  friend class AttachmentSessionReader<Store, SqliteStore>;
  friend class ErasureSessionReader<Store, SqliteStore>;
  friend class OversightSessionReader<ErasureSessionReader<Store, SqliteStore>,
                                      SqliteStore>;
  friend class PolicySessionReader<
      OversightSessionReader<ErasureSessionReader<Store, SqliteStore>,
                             SqliteStore>,
      SqliteStore>;

  template <typename F>
  auto WithSession(const F& body) const
      -> decltype(body(std::declval<Session&>())) {
    auto reader = TakeReader();
    if (!reader.ok()) return reader.status();
    Session session{**reader, keys_, random_};
    auto result = body(session);
    GiveBack(*std::move(reader));
    return result;
  }

  // An open read transaction, in whose calls `mutex` is held.
  struct Reading {
    explicit Reading(SqliteDatabase& connection) : database(connection) {}
    SqliteDatabase& database;
    bool waited_for = false;  // by a ForgetDeleted; under readings_mutex_
    absl::Mutex mutex;
    bool ended ABSL_GUARDED_BY(mutex) = false;
  };
  class Snapshot;
  // Ends those that were waited for, unless they are in a call just now.
  void EndReadings() ABSL_LOCKS_EXCLUDED(readings_mutex_);
  void NoteWaiting() ABSL_LOCKS_EXCLUDED(readings_mutex_);

  absl::StatusOr<std::unique_ptr<SqliteDatabase>> TakeReader() const;
  void GiveBack(std::unique_ptr<SqliteDatabase> reader) const;

  const std::string path_;
  const StoreKeys keys_;
  RandomSource& random_;
  absl::Mutex write_mutex_;
  std::unique_ptr<SqliteDatabase> writer_ ABSL_GUARDED_BY(write_mutex_);
  std::atomic<bool> must_forget_ = true;
  mutable absl::Mutex readings_mutex_;
  mutable std::set<Reading*> readings_ ABSL_GUARDED_BY(readings_mutex_);
  mutable absl::Mutex pool_mutex_;
  mutable std::vector<std::unique_ptr<SqliteDatabase>> pool_
      ABSL_GUARDED_BY(pool_mutex_);
};

}  // namespace comity
