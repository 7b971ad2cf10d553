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

absl::Status Compare(const LogReader& store, absl::string_view log,
                     const LogHead& head, const CompactRange& range,
                     const VerifyKey& key) {
  if (range.size() != head.size) {
    return Failure(absl::StrCat("the log has ", range.size(),
                                " entries, its head says ", head.size));
  }
  if (head.size == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Checkpoint checkpoint,
                   OpenCheckpoint(head.checkpoint, log, key));
  if (checkpoint.size != head.size || checkpoint.root != range.Root()) {
    return Failure("the entries do not lead to the signed head");
  }
  const auto stored = RootOf(head.size, StoredNodes(store, log));
  if (!stored.ok() || *stored != checkpoint.root) {
    return Failure("the stored tree does not lead to the signed head");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LogVerdict> VerifyLog(const LogReader& store,
                                     absl::string_view log,
                                     const VerifyKey& key) {
  ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(log));
  CompactRange range;
  LogVerdict verdict;
  while (range.size() < head.size) {
    ASSIGN_OR_RETURN(const std::vector<LeafRow> leaves,
                     store.ReadLeaves(log, range.size(), kPage, false));
    if (leaves.empty()) break;
    for (const LeafRow& row : leaves) {
      // Entries committed after the head was read belong to the next one.
      if (row.index >= head.size) break;
      if (row.index != range.size()) {
        verdict.status = Failure("an entry is missing");
        return verdict;
      }
      range.Append(LeafHash(row.leaf));
    }
  }
  verdict.size = range.size();
  verdict.root = range.Root();
  verdict.status = Compare(store, log, head, range, key);
  return verdict;
}

}  // namespace comity
