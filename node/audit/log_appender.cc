#include "node/audit/log_appender.h"

#include "node/base/status_macros.h"
#include "node/crypto/note.h"

namespace comity {

std::string LogSigner::Sign(absl::string_view log, uint64_t size,
                            absl::string_view root) const {
  return SignCheckpoint({std::string(log), size, std::string(root)}, key_);
}

std::string LogSigner::Cosign(absl::string_view note, absl::string_view witness,
                              absl::Time time) const {
  if (!witness_.has_value()) return "";
  return comity::Cosign(note, witness, time, *witness_);
}

absl::StatusOr<uint64_t> LogAppender::Append(absl::string_view log,
                                             absl::string_view leaf,
                                             absl::string_view opening) {
  auto size = sizes_.find(log);
  if (size == sizes_.end()) {
    // Not the signed size: entries of this transaction come after it.
    ASSIGN_OR_RETURN(const LogHead head, store_.ReadLogHead(log));
    const auto pending = pending_.find(log);
    const uint64_t at = pending == pending_.end() ? head.size : pending->second;
    size = sizes_.emplace(std::string(log), at).first;
  }
  const uint64_t index = size->second;
  RETURN_IF_ERROR(store_.InsertLeaf(
      log, LeafRow{index, std::string(leaf), std::string(opening)}));
  ASSIGN_OR_RETURN(const std::vector<MerkleNode> nodes,
                   AppendLeaf(index, LeafHash(leaf), StoredNodes(store_, log)));
  for (const MerkleNode& node : nodes) {
    RETURN_IF_ERROR(store_.InsertNode(log, node.level, node.index, node.hash));
  }
  ++size->second;
  return index;
}

void LogAppender::Keep() {
  for (const auto& [log, size] : sizes_) pending_[log] = size;
}

absl::Status LogAppender::SignHeads() {
  for (const auto& [log, size] : pending_) {
    ASSIGN_OR_RETURN(const std::string root,
                     RootOf(size, StoredNodes(store_, log)));
    RETURN_IF_ERROR(
        store_.PutLogHead(log, {size, signer_.Sign(log, size, root)}));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ProveEntry(const LogReader& store,
                                       absl::string_view log, uint64_t index) {
  ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(log));
  LogProof proof;
  proof.index = index;
  ASSIGN_OR_RETURN(proof.hashes,
                   InclusionProof(index, head.size, StoredNodes(store, log)));
  proof.checkpoint = head.checkpoint;
  return FormatLogProof(proof);
}

}  // namespace comity
