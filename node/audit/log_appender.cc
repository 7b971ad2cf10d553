#include "node/audit/log_appender.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/note.h"

namespace comity {

namespace {

// Those that sign heads.
std::vector<VerifyKey> HeadKeys(const LogKeys& keys) {
  std::vector<VerifyKey> all = {keys.log.public_key()};
  if (keys.log_beside.has_value()) {
    all.push_back(keys.log_beside->public_key());
  }
  return all;
}

absl::StatusOr<std::string> ProofUnder(const LogHead& head, uint64_t index,
                                       const NodeReader& nodes) {
  LogProof proof;
  proof.index = index;
  ASSIGN_OR_RETURN(proof.hashes, InclusionProof(index, head.size, nodes));
  proof.checkpoint = head.checkpoint;
  return FormatLogProof(proof);
}

std::optional<VerifyKey> PublicOf(const std::optional<SigningKey>& key) {
  if (!key.has_value()) return std::nullopt;
  return key->public_key();
}

}  // namespace

absl::StatusOr<std::string> StoredNodes::ReadNode(uint32_t level,
                                                  uint64_t index) const {
  if (level >= kLowestKeptLevel) return store_.ReadNode(log_, level, index);
  const int entries = 1 << level;
  ASSIGN_OR_RETURN(const std::vector<LeafRow> leaves,
                   store_.ReadLeaves(log_, index << level, entries,
                                     /*with_openings=*/false));
  CompactRange range;
  for (const LeafRow& row : leaves) {
    // Behind one that is missing stand those of other places.
    if (row.index != (index << level) + range.size()) break;
    range.Append(LeafHash(row.leaf));
  }
  if (range.size() == static_cast<uint64_t>(entries)) return range.Root();
  return ReasonError(ErrorReason::kNotFound, "the log has no such node");
}

absl::StatusOr<std::string> RememberedNodes::ReadNode(uint32_t level,
                                                      uint64_t index) const {
  const auto found = nodes_.find({level, index});
  if (found != nodes_.end()) return found->second;
  ASSIGN_OR_RETURN(std::string hash, stored_.ReadNode(level, index));
  nodes_[{level, index}] = hash;
  return hash;
}

LogEdge RememberedNodes::EdgeAt(uint64_t size) const {
  LogEdge edge{size, {}};
  for (const auto& [place, hash] : nodes_) {
    const auto [level, index] = place;
    if (index + 1 == size >> level) edge.nodes.emplace(place, hash);
  }
  return edge;
}

LogSigner::LogSigner(LogKeys keys) { Replace(std::move(keys)); }

bool LogSigner::Replace(LogKeys keys) {
  absl::MutexLock lock(&state_->mutex);
  std::vector<VerifyKey> before;
  if (state_->keys != nullptr) before = HeadKeys(*state_->keys);
  bool joined = false;
  for (const VerifyKey& key : HeadKeys(keys)) {
    joined =
        joined || std::find(before.begin(), before.end(), key) == before.end();
  }
  state_->keys = std::make_shared<const LogKeys>(std::move(keys));
  return joined;
}

std::shared_ptr<const LogKeys> LogSigner::Keys() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->keys;
}

bool LogSigner::HasSigned(absl::string_view log, absl::string_view note) const {
  const std::vector<VerifyKey> keys = HeadKeys(*Keys());
  return std::all_of(keys.begin(), keys.end(), [&](const VerifyKey& key) {
    return OpenCheckpoint(note, log, key).ok();
  });
}

LogSigner::PublicKeys LogSigner::public_keys() const {
  const auto keys = Keys();
  return {keys->log.public_key(), PublicOf(keys->log_beside),
          PublicOf(keys->witness), PublicOf(keys->witness_beside)};
}

VerifyKeys LogSigner::verify_keys() const {
  const auto keys = Keys();
  std::vector<VerifyKey> others = keys->past_log_keys;
  if (keys->log_beside.has_value()) {
    others.insert(others.begin(), keys->log_beside->public_key());
  }
  return {keys->log.public_key(), others};
}

std::string LogSigner::Sign(absl::string_view log, uint64_t size,
                            absl::string_view root) const {
  const auto keys = Keys();
  std::string note =
      SignCheckpoint({std::string(log), size, std::string(root)}, keys->log);
  if (!keys->log_beside.has_value()) return note;
  return AlsoSign(note, log, *keys->log_beside);
}

std::string LogSigner::Cosign(absl::string_view note, absl::string_view witness,
                              absl::Time time) const {
  const auto keys = Keys();
  if (!keys->witness.has_value()) return "";
  std::string cosigned = comity::Cosign(note, witness, time, *keys->witness);
  if (!keys->witness_beside.has_value()) return cosigned;
  return comity::Cosign(cosigned, witness, time, *keys->witness_beside);
}

absl::StatusOr<std::vector<std::string>> LogsToRenew(const LogReader& store,
                                                     const LogSigner& signer) {
  ASSIGN_OR_RETURN(const std::vector<std::string> logs, store.ListLogs());
  std::vector<std::string> found;
  for (const std::string& log : logs) {
    ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(log));
    if (head.size == 0 || signer.HasSigned(log, head.checkpoint)) continue;
    // Of a head that no key signed verifying the log tells.
    if (OpenCheckpoint(head.checkpoint, log, signer.verify_keys()).ok()) {
      found.push_back(log);
    }
  }
  return found;
}

absl::Status RenewHeads(StoreTransaction& store, const LogSigner& signer) {
  ASSIGN_OR_RETURN(const std::vector<std::string> logs,
                   LogsToRenew(store, signer));
  for (const std::string& log : logs) {
    ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(log));
    ASSIGN_OR_RETURN(
        const Checkpoint held,
        OpenCheckpoint(head.checkpoint, log, signer.verify_keys()));
    ASSIGN_OR_RETURN(const std::string root,
                     RootOf(head.size, StoredNodes(store, log)));
    // Nothing is signed here that was not signed before.
    if (held.size != head.size || held.root != root) {
      return ReasonError(
          ErrorReason::kIntegrityFailure,
          absl::StrCat("the entries of ", log, " do not lead to its head"));
    }
    RETURN_IF_ERROR(
        store.PutLogHead(log, {head.size, signer.Sign(log, head.size, root)}));
  }
  return absl::OkStatus();
}

absl::StatusOr<AppendedLeaf> LogAppender::Append(absl::string_view log,
                                                 absl::string_view leaf,
                                                 absl::string_view opening) {
  auto size = sizes_.find(log);
  if (size == sizes_.end()) {
    // Not the signed size: entries of this transaction come after it.
    const auto pending = pending_.find(log);
    uint64_t at = 0;
    if (pending != pending_.end()) {
      at = pending->second;
    } else {
      ASSIGN_OR_RETURN(at, BeginAt(log));
    }
    size = sizes_.emplace(std::string(log), at).first;
  }
  const uint64_t index = size->second;
  RETURN_IF_ERROR(store_.InsertLeaf(
      log, LeafRow{index, std::string(leaf), std::string(opening)}));
  RememberedNodes& remembered = NodesOf(log);
  AppendedLeaf appended{index, LeafHash(leaf)};
  ASSIGN_OR_RETURN(const std::vector<MerkleNode> nodes,
                   AppendLeaf(index, appended.hash, remembered));
  for (const MerkleNode& node : nodes) {
    remembered.Note(node);
    if (node.level < kLowestKeptLevel) continue;
    RETURN_IF_ERROR(store_.InsertNode(log, node.level, node.index, node.hash));
  }
  ++size->second;
  return appended;
}

absl::StatusOr<uint64_t> LogAppender::BeginAt(absl::string_view log) {
  ASSIGN_OR_RETURN(const LogHead head, store_.ReadLogHead(log));
  if (known_ == nullptr) return head.size;
  const auto edge = known_->find(log);
  if (edge != known_->end() && edge->second.size == head.size) {
    NodesOf(log).Add(edge->second.nodes);
  }
  return head.size;
}

LogEdges LogAppender::Edges() {
  LogEdges edges;
  for (const auto& [log, size] : pending_) {
    edges[log] = NodesOf(log).EdgeAt(size);
  }
  return edges;
}

void LogAppender::Keep() {
  for (const auto& [log, size] : sizes_) pending_[log] = size;
}

absl::Status LogAppender::SignHeads() {
  for (const auto& [log, size] : pending_) {
    ASSIGN_OR_RETURN(const std::string root, RootOf(size, NodesOf(log)));
    const LogHead head{size, signer_.Sign(log, size, root)};
    RETURN_IF_ERROR(store_.PutLogHead(log, head));
    signed_[log] = head;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> LogAppender::Prove(absl::string_view log,
                                               uint64_t index) {
  const auto head = signed_.find(log);
  if (head == signed_.end()) {
    return ReasonError(ErrorReason::kInternal, "the log's head is not signed");
  }
  return ProofUnder(head->second, index, NodesOf(log));
}

RememberedNodes& LogAppender::NodesOf(absl::string_view log) {
  const auto found = nodes_.find(log);
  if (found != nodes_.end()) return found->second;
  return nodes_
      .emplace(std::string(log), RememberedNodes(StoredNodes(store_, log)))
      .first->second;
}

absl::StatusOr<std::string> ProveEntry(const LogReader& store,
                                       absl::string_view log, uint64_t index) {
  ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(log));
  return ProofUnder(head, index, StoredNodes(store, log));
}

}  // namespace comity
