#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/crypto/merkle.h"
#include "node/crypto/signature.h"
#include "node/store/log_store.h"
#include "node/store/store.h"

namespace comity {

// Signs the heads of all logs of one participant with its log key. Immutable,
// thread-safe.
class LogSigner {
 public:
  explicit LogSigner(SigningKey key) : key_(std::move(key)) {}

  // The signed note (C2SP tlog-checkpoint) of a head; the key's name is the
  // log's origin.
  absl::StatusOr<std::string> Sign(absl::string_view log, uint64_t size,
                                   absl::string_view root) const;
  VerifyKey public_key() const { return key_.public_key(); }

 private:
  SigningKey key_;
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

// Appends entries to logs inside one store transaction and signs one head per
// log touched. One object per transaction; used by one thread.
class LogAppender {
 public:
  LogAppender(StoreTransaction& store, const LogSigner& signer)
      : store_(store), signer_(signer) {}

  // Stores the leaf and the subtrees it completes; returns its index.
  absl::StatusOr<uint64_t> Append(absl::string_view log, absl::string_view leaf,
                                  absl::string_view opening);

  // Forgets what this object cached, after a savepoint was undone.
  void Reload() { sizes_.clear(); }

  // Signs and stores the heads of the logs touched.
  absl::Status SignHeads();

 private:
  StoreTransaction& store_;
  const LogSigner& signer_;
  // Size of each log touched, entries of this transaction included.
  std::map<std::string, uint64_t, std::less<>> sizes_;
  std::map<std::string, bool, std::less<>> touched_;
};

// The tlog-proof text of one entry against the log's newest signed head.
// NOT_FOUND past the end.
absl::StatusOr<std::string> ProveEntry(const LogReader& store,
                                       absl::string_view log, uint64_t index);

}  // namespace comity
