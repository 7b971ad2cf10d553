#pragma once

#include <list>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "node/crypto/note.h"
#include "node/crypto/signature.h"
#include "node/store/log_store.h"
#include "node/wire/envelope.h"

namespace comity {

// Opens checkpoints, each one once: a signature that verified is remembered
// among the last 1024. Thread-safe.
class CheckpointCache {
 public:
  // Errors as OpenCheckpoint.
  absl::StatusOr<Checkpoint> Open(absl::string_view note,
                                  absl::string_view origin,
                                  const VerifyKey& key);
  // The same if any of the keys signed it.
  absl::StatusOr<Checkpoint> Open(absl::string_view note,
                                  absl::string_view origin,
                                  const VerifyKeys& keys);

 private:
  absl::Mutex mutex_;
  std::map<std::string, Checkpoint> opened_ ABSL_GUARDED_BY(mutex_);
  std::list<std::string> order_ ABSL_GUARDED_BY(mutex_);
};

// A message whose evidence holds: its sender logged it for this receiver.
struct VerifiedMessage {
  Message message;
  MessageLeaf leaf;
  std::string leaf_hash;
  PeerHead head;       // the checkpoint that its proof leads to
  uint64_t index = 0;  // its place in the sender's log
};

// Checks a message in the order of proto/README.md. WRONG_AUDIENCE if its leaf
// names another receiver, EVIDENCE_INVALID if it names another sender or kind,
// if the commitment does not match, or if the proof does not lead to a head
// that one of `log_keys` signed for the log of `sender` for `self`. Of what
// comes in now the newest key alone is asked.
absl::StatusOr<VerifiedMessage> VerifyMessage(Message message, MessageKind kind,
                                              const ParticipantCode& sender,
                                              const ParticipantCode& self,
                                              const VerifyKeys& log_keys,
                                              CheckpointCache& checkpoints);

// Joins a message with the proof of its entry.
Message ProvedMessage(UnprovedMessage message, std::string proof);

}  // namespace comity
