#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/audit/log_appender.h"
#include "node/identity/key_files.h"
#include "node/identity/own_keys.h"
#include "node/service/node_context.h"

namespace comity {

// What the files say that a node signs with.
LogKeys LogKeysOf(const OwnKeys& keys, const ParticipantCard& card);

// Lets a running node sign with the keys that its files hold (comity node
// rotate-key): a key that joins signs beside the other from the next head on,
// and under every head that is there. Used by one thread. Borrows its parts.
class OwnKeyWatch {
 public:
  OwnKeyWatch(NodeContext& node, LogSigner& signer, KeyFiles files)
      : node_(node), signer_(signer), files_(std::move(files)) {}

  // Looks at the files. False while partners are not to hear of the card: a
  // message may be on its way that the key which joined has not signed, or the
  // files do not fit. FIELD_INVALID and the like, once for each state of the
  // files, if they do not read.
  absl::StatusOr<bool> Refresh();

 private:
  absl::Status TakeKeys();
  absl::Status RenewOwnHeads();

  NodeContext& node_;
  LogSigner& signer_;
  const KeyFiles files_;
  std::string mark_;  // the files' state when they were looked at
  bool started_ = false;
  bool fits_ = false;
  bool joined_ = false;  // a key did, and the heads lack its signature
  absl::Time settled_at_ = absl::InfinitePast();
};

}  // namespace comity
