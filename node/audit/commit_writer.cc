#include "node/audit/commit_writer.h"

#include "node/audit/known_fork.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

// What waits of the node's own; of a partner as much as its 64 calls bring at
// once, with eight events each.
constexpr size_t kMaxOwn = 1024;
constexpr size_t kMaxOfPartner = 512;
// More than there are partners.
constexpr size_t kMaxBatch = 256;
// What one partner can put ahead of another one's commit in a batch, and in
// the batch before it. Enough that a commit to disk is shared by many.
constexpr size_t kShareOfPartner = 32;

size_t ShareOfBatch(const std::string& partner) {
  return partner.empty() ? kMaxBatch : kShareOfPartner;
}

}  // namespace

absl::StatusOr<uint64_t> CommitScope::Append(absl::string_view log,
                                             absl::string_view leaf,
                                             absl::string_view opening) {
  ASSIGN_OR_RETURN(const uint64_t index, AppendUnproved(log, leaf, opening));
  entries_.back().proved = true;
  return index;
}

absl::StatusOr<uint64_t> CommitScope::AppendUnproved(
    absl::string_view log, absl::string_view leaf, absl::string_view opening) {
  ASSIGN_OR_RETURN(AppendedLeaf added, logs_.Append(log, leaf, opening));
  entries_.push_back(
      {std::string(log), added.index, std::move(added.hash), false, ""});
  return added.index;
}

absl::Status CommitScope::Try(const std::function<absl::Status()>& body) {
  const size_t entries = entries_.size();
  const LogAppender::Sizes sizes = logs_.sizes();
  const size_t observed = observed_.size();
  absl::Status status = store_.Savepoint(body);
  if (!status.ok()) {
    observed_.Restore(observed);
    entries_.resize(entries);
    logs_.Restore(sizes);
  }
  return status;
}

CommitWriter::CommitWriter(Store& store, const LogSigner& signer,
                           const Clock& clock)
    : store_(store), signer_(signer), clock_(clock) {
  thread_ = std::thread([this] { Run(); });
}

CommitWriter::~CommitWriter() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void CommitWriter::Submit(CommitBody body, CommitDone done,
                          const std::string& partner) {
  {
    const size_t most = partner.empty() ? kMaxOwn : kMaxOfPartner;
    absl::MutexLock lock(&mutex_);
    if (queue_.WaitingIn(partner) < most) {
      queue_.Push(partner, {std::move(body), std::move(done),
                            std::vector<LoggedEntry>()});
      return;
    }
  }
  done(ReasonError(ErrorReason::kOverloaded,
                   "too many writes wait; try again in a moment"));
}

absl::StatusOr<std::vector<LoggedEntry>> CommitWriter::Commit(
    CommitBody body, const std::string& partner) {
  absl::Notification finished;
  absl::StatusOr<std::vector<LoggedEntry>> result;
  Submit(
      std::move(body),
      [&](absl::StatusOr<std::vector<LoggedEntry>> outcome) {
        result = std::move(outcome);
        finished.Notify();
      },
      partner);
  finished.WaitForNotification();
  return result;
}

void CommitWriter::AwaitNone() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &CommitWriter::IsIdle));
}

bool CommitWriter::healthy() const {
  absl::MutexLock lock(&mutex_);
  return healthy_;
}

void CommitWriter::Run() {
  while (true) {
    std::vector<Job> batch;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &CommitWriter::HasWork));
      if (queue_.empty()) return;
      batch = queue_.Take(kMaxBatch, ShareOfBatch);
      running_ = true;
    }
    RunBatch(batch);
    // What they hold is let go before anybody is told that nothing runs.
    batch.clear();
    absl::MutexLock lock(&mutex_);
    running_ = false;
  }
}

void CommitWriter::RunBatch(std::vector<Job>& batch) {
  LogEdges edges;
  const absl::Status status =
      store_.Transact([&](StoreTransaction& transaction) {
        return RunJobs(transaction, batch, edges);
      });
  if (status.ok()) {
    for (auto& [log, edge] : edges) edges_[log] = std::move(edge);
  }
  {
    absl::MutexLock lock(&mutex_);
    healthy_ = status.ok();
  }
  if (!status.ok()) {
    Log(LogLevel::kError, "commit_failed",
        {LogField::Public("reason", ReasonName(ReasonOf(status)))});
  }
  for (Job& job : batch) {
    // A job that was refused stays refused; the others share the batch's fate.
    if (job.result.ok() && !status.ok()) {
      job.result = ReasonError(
          ErrorReason::kLogUnwritable,
          "the log cannot be written, so nothing leaves; try again later");
    }
    job.done(std::move(job.result));
  }
}

absl::Status CommitWriter::RunJobs(StoreTransaction& transaction,
                                   std::vector<Job>& batch, LogEdges& edges) {
  LogAppender logs(transaction, signer_, &edges_);
  ObservedMessages observed(transaction);
  for (Job& job : batch) {
    const size_t before = observed.size();
    CommitScope scope(transaction, logs, observed, clock_.Now());
    const absl::Status status =
        transaction.Savepoint([&] { return job.body(scope); });
    if (status.ok()) {
      logs.Keep();
      job.result = scope.TakeEntries();
    } else {
      job.result = status;
      observed.Restore(before);
      RETURN_IF_ERROR(KeepForkOf(status, transaction, scope.now()));
    }
    logs.Forget();
  }
  RETURN_IF_ERROR(observed.Write());
  RETURN_IF_ERROR(logs.SignHeads());
  for (Job& job : batch) {
    if (!job.result.ok()) continue;
    for (LoggedEntry& entry : *job.result) {
      if (!entry.proved) continue;
      ASSIGN_OR_RETURN(entry.proof, logs.Prove(entry.log, entry.index));
    }
  }
  edges = logs.Edges();
  return absl::OkStatus();
}

}  // namespace comity
