#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "node/audit/log_appender.h"
#include "node/audit/observed_messages.h"
#include "node/base/clock.h"
#include "node/base/fair_queue.h"
#include "node/store/store.h"

namespace comity {

// One entry that a commit appended, with the proof that it is in the log.
struct LoggedEntry {
  std::string log;
  uint64_t index = 0;
  std::string leaf_hash;
  bool proved = true;  // false: nobody is sent a proof of it
  std::string proof;   // C2SP tlog-proof text
};

// What one commit sees inside the transaction.
class CommitScope {
 public:
  CommitScope(StoreTransaction& store, LogAppender& logs,
              ObservedMessages& observed, absl::Time now)
      : store_(store), logs_(logs), observed_(observed), now_(now) {}

  StoreTransaction& store() { return store_; }
  absl::Time now() const { return now_; }

  // Appends an entry and returns its index. Its proof comes with `done`.
  absl::StatusOr<uint64_t> Append(absl::string_view log, absl::string_view leaf,
                                  absl::string_view opening);
  // The same without a proof: for the own log, of which nobody is sent one.
  absl::StatusOr<uint64_t> AppendUnproved(absl::string_view log,
                                          absl::string_view leaf,
                                          absl::string_view opening);

  // Takes note of a message of `partner`: of the head that it leads to
  // (ObserveHead, with its errors), and of its place in the partner's log,
  // which is written with the last commit of the transaction.
  absl::Status Observe(const ParticipantCode& partner,
                       const VerifiedMessage& message) {
    return observed_.Observe(partner, message, now_);
  }
  // After ForgetHeads: places noted before are of another history.
  void ForgetObserved(const ParticipantCode& partner) {
    observed_.Forget(partner);
  }

  // Runs `body`; if it fails, undoes its effects and its entries, and nothing
  // else of this commit.
  absl::Status Try(const std::function<absl::Status()>& body);

  const std::vector<LoggedEntry>& entries() const { return entries_; }
  // The same, when the body is done.
  std::vector<LoggedEntry> TakeEntries() { return std::move(entries_); }

 private:
  StoreTransaction& store_;
  LogAppender& logs_;
  ObservedMessages& observed_;
  absl::Time now_;
  std::vector<LoggedEntry> entries_;
};

// Does its effect and appends its entries; an error undoes both, and keeps the
// notes of a fork that it carries (known_fork.h).
using CommitBody = std::function<absl::Status(CommitScope&)>;
// Called once, on the writer's thread, when the entries are durable or with
// the error that kept them from it.
using CommitDone =
    std::function<void(absl::StatusOr<std::vector<LoggedEntry>>)>;

// The one writer of a node. It batches all commits that wait into one store
// transaction (group commit), appends their entries, signs one checkpoint per
// log touched, and reports each commit only after the transaction is durable:
// no log, no disclosure (design.md law 1). What partners' calls bring waits
// apart, so that one of them holds up nobody else. Thread-safe. Borrows the
// store, the signer and the clock, which must outlive it.
class CommitWriter {
 public:
  CommitWriter(Store& store, const LogSigner& signer, const Clock& clock);
  // Finishes what waits, then stops.
  ~CommitWriter();

  // Queues a commit that a call of `partner` brought, the code; empty: the
  // node's own. Those of one partner are in the order in which they came.
  // OVERLOADED through `done` when 512 of the partner, or 1024 of the node's
  // own, wait already.
  void Submit(CommitBody body, CommitDone done,
              const std::string& partner = "");

  // Queues a commit and waits for it. Never on the writer's own thread.
  absl::StatusOr<std::vector<LoggedEntry>> Commit(
      CommitBody body, const std::string& partner = "");

  // Waits until nothing is queued and nothing runs.
  void AwaitNone();

  // Whose signature stands under the logs' heads, or stood there.
  VerifyKeys log_keys() const { return signer_.verify_keys(); }
  const LogSigner& signer() const { return signer_; }
  const Clock& clock() const { return clock_; }

  // False from a failed transaction until the next one that succeeds.
  bool healthy() const;

 private:
  struct Job {
    CommitBody body;
    CommitDone done;
    absl::StatusOr<std::vector<LoggedEntry>> result;
  };

  void Run();
  void RunBatch(std::vector<Job>& batch);
  // `edges`: of the logs that it appended to.
  absl::Status RunJobs(StoreTransaction& transaction, std::vector<Job>& batch,
                       LogEdges& edges);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !queue_.empty();
  }
  bool IsIdle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return queue_.empty() && !running_;
  }

  Store& store_;
  const LogSigner& signer_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  FairQueue<Job> queue_ ABSL_GUARDED_BY(mutex_);
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool healthy_ ABSL_GUARDED_BY(mutex_) = true;
  LogEdges edges_;  // as committed; the writer's own thread alone
  std::thread thread_;
};

}  // namespace comity
