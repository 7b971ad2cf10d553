#include "node/audit/log_verifier.h"

#include "absl/strings/str_cat.h"
#include "node/audit/log_appender.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/merkle.h"
#include "node/crypto/note.h"

namespace comity {
namespace {

constexpr int kPage = 500;

absl::Status Failure(absl::string_view what) {
  return ReasonError(ErrorReason::kIntegrityFailure, what);
}

// What the store could not tell says nothing about the log.
bool IsOfStore(const absl::Status& status) {
  return ReasonOf(status) == ErrorReason::kStoreUnavailable;
}

absl::Status Compare(absl::string_view log, const LogHead& head,
                     const CompactRange& range, const VerifyKeys& keys) {
  if (range.size() != head.size) {
    return Failure(absl::StrCat("the log has ", range.size(),
                                " entries, its head says ", head.size));
  }
  if (head.size == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Checkpoint checkpoint,
                   OpenCheckpoint(head.checkpoint, log, keys));
  if (checkpoint.size != head.size || checkpoint.root != range.Root()) {
    return Failure("the entries do not lead to the signed head");
  }
  return absl::OkStatus();
}

// Appends what a leaf completes and looks for what is kept of it in the store:
// later proofs are made of every node, not only of those that the root follows
// from.
absl::Status AppendAndCompare(const LogReader& store, absl::string_view log,
                              absl::string_view leaf, CompactRange& range) {
  for (const MerkleNode& node : range.Append(LeafHash(leaf))) {
    if (node.level < kLowestKeptLevel) continue;
    const auto stored = store.ReadNode(log, node.level, node.index);
    if (!stored.ok() && ReasonOf(stored.status()) != ErrorReason::kNotFound) {
      return stored.status();
    }
    if (!stored.ok() || *stored != node.hash) {
      return Failure(absl::StrCat("entry ", range.size() - 1,
                                  " and the stored tree do not agree"));
    }
  }
  return absl::OkStatus();
}

// The leaves of one page, up to the head's end.
absl::Status AppendPage(const LogReader& store, absl::string_view log,
                        const std::vector<LeafRow>& leaves, uint64_t end,
                        CompactRange& range) {
  for (const LeafRow& row : leaves) {
    // Entries committed after the head was read belong to the next one.
    if (row.index >= end) break;
    if (row.index != range.size()) return Failure("an entry is missing");
    RETURN_IF_ERROR(AppendAndCompare(store, log, row.leaf, range));
  }
  return absl::OkStatus();
}

// Entries that were committed after `range` was read have a head that counts
// them; an entry that none counts was not put there by this node.
absl::Status CheckEnd(const LogReader& store, absl::string_view log,
                      const CompactRange& range) {
  ASSIGN_OR_RETURN(const std::vector<LeafRow> behind,
                   store.ReadLeaves(log, range.size(), 1, false));
  if (behind.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(log));
  if (behind[0].index < head.size) return absl::OkStatus();
  return Failure("an entry stands behind the end that the head names");
}

}  // namespace

absl::StatusOr<LogVerdict> VerifyLog(const LogReader& store,
                                     absl::string_view log,
                                     const VerifyKeys& keys) {
  ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(log));
  CompactRange range;
  LogVerdict verdict;
  while (verdict.status.ok() && range.size() < head.size) {
    ASSIGN_OR_RETURN(const std::vector<LeafRow> leaves,
                     store.ReadLeaves(log, range.size(), kPage, false));
    if (leaves.empty()) break;
    verdict.status = AppendPage(store, log, leaves, head.size, range);
    if (IsOfStore(verdict.status)) return verdict.status;
  }
  verdict.size = range.size();
  verdict.root = range.Root();
  if (verdict.status.ok()) verdict.status = Compare(log, head, range, keys);
  if (verdict.status.ok()) verdict.status = CheckEnd(store, log, range);
  if (IsOfStore(verdict.status)) return verdict.status;
  return verdict;
}

}  // namespace comity
