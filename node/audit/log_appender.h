#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "node/crypto/merkle.h"
#include "node/crypto/verify_keys.h"
#include "node/store/store.h"

namespace comity {

// What one participant signs with. While a key is being replaced, the other of
// the two signs beside it, so that whoever knows either can verify.
struct LogKeys {
  SigningKey log;  // the one on the card
  std::optional<SigningKey> log_beside = std::nullopt;
  std::optional<SigningKey> witness = std::nullopt;  // none: cosigns nothing
  std::optional<SigningKey> witness_beside = std::nullopt;
  std::vector<VerifyKey> past_log_keys = {};  // that the card names
};

// Signs the heads of all logs of one participant with its log key, and those of
// partners' logs with its witness key. Thread-safe; copies share the keys.
class LogSigner {
 public:
  // `witness`: nullopt if it cosigns nothing.
  explicit LogSigner(SigningKey key,
                     std::optional<SigningKey> witness = std::nullopt)
      : LogSigner(LogKeys{std::move(key), std::nullopt, std::move(witness)}) {}
  explicit LogSigner(LogKeys keys);

  // Signs with these from now on. True if one of them did not sign before.
  bool Replace(LogKeys keys);
  // Whether each key that signs heads now has signed this one.
  bool HasSigned(absl::string_view log, absl::string_view note) const;

  // The signed note (C2SP tlog-checkpoint) of a head; the key's name is the
  // log's origin.
  std::string Sign(absl::string_view log, uint64_t size,
                   absl::string_view root) const;
  VerifyKey public_key() const { return Keys()->log.public_key(); }
  // The public half of each that signs now.
  struct PublicKeys {
    VerifyKey log;
    std::optional<VerifyKey> log_beside;
    std::optional<VerifyKey> witness;
    std::optional<VerifyKey> witness_beside;
  };
  PublicKeys public_keys() const;
  // Whatever signs now or signed before.
  VerifyKeys verify_keys() const;
  bool IsWitness() const { return Keys()->witness.has_value(); }
  // The note with a cosignature under the name `witness`; empty unless
  // IsWitness().
  std::string Cosign(absl::string_view note, absl::string_view witness,
                     absl::Time time) const;

 private:
  struct State {
    absl::Mutex mutex;
    std::shared_ptr<const LogKeys> keys ABSL_GUARDED_BY(mutex);
  };
  std::shared_ptr<const LogKeys> Keys() const;

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// The lowest level whose hashes the store keeps: subtrees of 32 entries. Those
// below follow from the entries themselves.
inline constexpr uint32_t kLowestKeptLevel = 5;

// Reads the hashes of one log's complete subtrees from the store, or makes them
// of its entries.
class StoredNodes : public NodeReader {
 public:
  StoredNodes(const LogReader& store, absl::string_view log)
      : store_(store), log_(log) {}
  // NOT_FOUND past the end.
  absl::StatusOr<std::string> ReadNode(uint32_t level,
                                       uint64_t index) const override;

 private:
  const LogReader& store_;
  std::string log_;
};

// Hashes of complete subtrees by level and index.
using NodeHashes = std::map<std::pair<uint32_t, uint64_t>, std::string>;

// The right edge of a log's tree: the last complete subtree of each level, on
// which the next entries hang.
struct LogEdge {
  uint64_t size = 0;  // of the log
  NodeHashes nodes;
};
using LogEdges = std::map<std::string, LogEdge, std::less<>>;

// The same, each hash read once. Of one transaction, whose entries share most
// of their paths.
class RememberedNodes : public NodeReader {
 public:
  explicit RememberedNodes(StoredNodes stored) : stored_(std::move(stored)) {}
  absl::StatusOr<std::string> ReadNode(uint32_t level,
                                       uint64_t index) const override;
  // What was written takes the place of what an undone job had written.
  void Note(const MerkleNode& node) {
    nodes_[{node.level, node.index}] = node.hash;
  }
  void Add(const NodeHashes& nodes) {
    nodes_.insert(nodes.begin(), nodes.end());
  }
  // What is remembered of the edge of a log of that size.
  LogEdge EdgeAt(uint64_t size) const;

 private:
  StoredNodes stored_;
  mutable NodeHashes nodes_;
};

// An entry's place, and the hash that the tree has there.
struct AppendedLeaf {
  uint64_t index = 0;
  std::string hash;
};

// Appends entries to logs inside one store transaction that runs several jobs,
// signs one head per log touched, and proves entries against it. Used by one
// thread.
class LogAppender {
 public:
  using Sizes = std::map<std::string, uint64_t, std::less<>>;

  // `known`: edges as earlier transactions left them; those of other sizes than
  // the store has are not used. Borrowed; may be null.
  LogAppender(StoreTransaction& store, const LogSigner& signer,
              const LogEdges* known = nullptr)
      : store_(store), signer_(signer), known_(known) {}

  // Stores the leaf, and of the subtrees it completes those to be kept.
  absl::StatusOr<AppendedLeaf> Append(absl::string_view log,
                                      absl::string_view leaf,
                                      absl::string_view opening);

  // The job at hand succeeded: its entries stay.
  void Keep();
  // Sizes with what the job at hand appended so far; going back to them undoes
  // what it appended since.
  const Sizes& sizes() const { return sizes_; }
  void Restore(const Sizes& sizes) { sizes_ = sizes; }

  // The job at hand was undone: forget what it appended.
  void Forget() { sizes_.clear(); }

  // Signs and stores the heads of the logs that jobs appended to.
  absl::Status SignHeads();

  // After SignHeads: the edges of the logs that jobs appended to, which hold
  // once the transaction is committed.
  LogEdges Edges();

  // After SignHeads: the tlog-proof text of an entry that a kept job appended.
  absl::StatusOr<std::string> Prove(absl::string_view log, uint64_t index);

 private:
  RememberedNodes& NodesOf(absl::string_view log);
  // The signed size, and what is known of that log already.
  absl::StatusOr<uint64_t> BeginAt(absl::string_view log);

  StoreTransaction& store_;
  const LogSigner& signer_;
  const LogEdges* known_;
  Sizes sizes_;    // with the job at hand
  Sizes pending_;  // with the jobs kept
  std::map<std::string, RememberedNodes, std::less<>> nodes_;
  std::map<std::string, LogHead, std::less<>> signed_;
};

// The logs whose head lacks the signature of a key that signs now: one joined.
absl::StatusOr<std::vector<std::string>> LogsToRenew(const LogReader& store,
                                                     const LogSigner& signer);
// Signs these heads once more. INTEGRITY_FAILURE if the entries do not lead to
// one.
absl::Status RenewHeads(StoreTransaction& store, const LogSigner& signer);

// The tlog-proof text of one entry against the log's newest signed head.
// FIELD_INVALID past the end.
absl::StatusOr<std::string> ProveEntry(const LogReader& store,
                                       absl::string_view log, uint64_t index);

}  // namespace comity
