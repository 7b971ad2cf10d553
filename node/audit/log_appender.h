#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/crypto/merkle.h"
#include "node/crypto/signature.h"
#include "node/store/store.h"

namespace comity {

// Signs the heads of all logs of one participant with its log key, and those of
// partners' logs with its witness key. Immutable, thread-safe.
class LogSigner {
 public:
  // `witness`: nullopt if it cosigns nothing.
  explicit LogSigner(SigningKey key,
                     std::optional<SigningKey> witness = std::nullopt)
      : key_(std::move(key)), witness_(std::move(witness)) {}

  // The signed note (C2SP tlog-checkpoint) of a head; the key's name is the
  // log's origin.
  std::string Sign(absl::string_view log, uint64_t size,
                   absl::string_view root) const;
  VerifyKey public_key() const { return key_.public_key(); }
  bool IsWitness() const { return witness_.has_value(); }
  // The note with a cosignature under the name `witness`; empty unless
  // IsWitness().
  std::string Cosign(absl::string_view note, absl::string_view witness,
                     absl::Time time) const;

 private:
  SigningKey key_;
  std::optional<SigningKey> witness_;
};

// Reads the hashes of one log's complete subtrees from the store.
class StoredNodes : public NodeReader {
 public:
  StoredNodes(const LogReader& store, absl::string_view log)
      : store_(store), log_(log) {}
  absl::StatusOr<std::string> ReadNode(uint32_t level,
                                       uint64_t index) const override {
    return store_.ReadNode(log_, level, index);
  }

 private:
  const LogReader& store_;
  std::string log_;
};

// Appends entries to logs inside one store transaction that runs several jobs,
// and signs one head per log touched. Used by one thread.
class LogAppender {
 public:
  using Sizes = std::map<std::string, uint64_t, std::less<>>;

  LogAppender(StoreTransaction& store, const LogSigner& signer)
      : store_(store), signer_(signer) {}

  // Stores the leaf and the subtrees it completes; returns its index.
  absl::StatusOr<uint64_t> Append(absl::string_view log, absl::string_view leaf,
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

 private:
  StoreTransaction& store_;
  const LogSigner& signer_;
  Sizes sizes_;    // with the job at hand
  Sizes pending_;  // with the jobs kept
};

// The tlog-proof text of one entry against the log's newest signed head.
// FIELD_INVALID past the end.
absl::StatusOr<std::string> ProveEntry(const LogReader& store,
                                       absl::string_view log, uint64_t index);

}  // namespace comity
