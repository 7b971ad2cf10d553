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

// The roots of the complete subtrees of a growing tree, largest first.
class Frontier {
 public:
  void Append(std::string leaf_hash) {
    uint64_t index = size_++;
    for (; (index & 1) == 1; index >>= 1) {
      leaf_hash = NodeHash(peaks_.back(), leaf_hash);
      peaks_.pop_back();
    }
    peaks_.push_back(std::move(leaf_hash));
  }
  std::string Root() const {
    if (peaks_.empty()) return EmptyRoot();
    std::string root = peaks_.back();
    for (size_t i = peaks_.size() - 1; i > 0; --i) {
      root = NodeHash(peaks_[i - 1], root);
    }
    return root;
  }
  uint64_t size() const { return size_; }

 private:
  std::vector<std::string> peaks_;
  uint64_t size_ = 0;
};

absl::Status Failure(absl::string_view what) {
  return ReasonError(ErrorReason::kIntegrityFailure, what);
}

absl::Status Compare(const LogReader& store, absl::string_view log,
                     const LogHead& head, const Frontier& frontier,
                     const VerifyKey& key) {
  if (frontier.size() != head.size) {
    return Failure(absl::StrCat("the log has ", frontier.size(),
                                " entries, its head says ", head.size));
  }
  if (head.size == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Checkpoint checkpoint,
                   OpenCheckpoint(head.checkpoint, log, key));
  if (checkpoint.size != head.size || checkpoint.root != frontier.Root()) {
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
  Frontier frontier;
  LogVerdict verdict;
  while (frontier.size() < head.size) {
    ASSIGN_OR_RETURN(const std::vector<LeafRow> leaves,
                     store.ReadLeaves(log, frontier.size(), kPage, false));
    if (leaves.empty()) break;
    for (const LeafRow& row : leaves) {
      // Entries committed after the head was read belong to the next one.
      if (row.index >= head.size) break;
      if (row.index != frontier.size()) {
        verdict.status = Failure("an entry is missing");
        return verdict;
      }
      frontier.Append(LeafHash(row.leaf));
    }
  }
  verdict.size = frontier.size();
  verdict.root = frontier.Root();
  verdict.status = Compare(store, log, head, frontier, key);
  return verdict;
}

}  // namespace comity
