#include "node/audit/evidence.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/crypto/merkle.h"

namespace comity {
namespace {

constexpr size_t kMaxRemembered = 1024;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(
      ErrorReason::kEvidenceInvalid,
      absl::StrCat("the message's evidence does not hold: ", what));
}

}  // namespace

absl::StatusOr<Checkpoint> CheckpointCache::Open(absl::string_view note,
                                                 absl::string_view origin,
                                                 const VerifyKey& key) {
  const std::string id =
      Sha256(absl::StrCat(origin, "\n", key.Ed25519Bytes(), note));
  {
    absl::MutexLock lock(&mutex_);
    const auto found = opened_.find(id);
    if (found != opened_.end()) return found->second;
  }
  ASSIGN_OR_RETURN(Checkpoint checkpoint, OpenCheckpoint(note, origin, key));
  absl::MutexLock lock(&mutex_);
  if (opened_.emplace(id, checkpoint).second) order_.push_back(id);
  if (order_.size() > kMaxRemembered) {
    opened_.erase(order_.front());
    order_.pop_front();
  }
  return checkpoint;
}

absl::StatusOr<Checkpoint> CheckpointCache::Open(absl::string_view note,
                                                 absl::string_view origin,
                                                 const VerifyKeys& keys) {
  return ByAnyKey(
      keys, [&](const VerifyKey& key) { return Open(note, origin, key); });
}

absl::StatusOr<VerifiedMessage> VerifyMessage(Message message, MessageKind kind,
                                              const ParticipantCode& sender,
                                              const ParticipantCode& self,
                                              const VerifyKeys& log_keys,
                                              CheckpointCache& checkpoints) {
  ASSIGN_OR_RETURN(MessageLeaf leaf, ParseMessageLeaf(message.leaf));
  if (leaf.receiver != self) {
    return ReasonError(ErrorReason::kWrongAudience,
                       "the message was written for another participant");
  }
  if (leaf.sender != sender) {
    return Invalid("it names another sender than the certificate");
  }
  if (leaf.kind != kind) return Invalid("it is of another kind");
  if (leaf.commitment !=
      CommitMessage(message.salt, message.type, message.payload)) {
    return Invalid("the payload is not the one that was logged");
  }
  ASSIGN_OR_RETURN(const LogProof proof, ParseLogProof(message.proof));
  ASSIGN_OR_RETURN(const Checkpoint checkpoint,
                   checkpoints.Open(proof.checkpoint,
                                    PartnerLogOrigin(sender, self), log_keys));
  std::string leaf_hash = LeafHash(message.leaf);
  RETURN_IF_ERROR(VerifyInclusion(leaf_hash, proof.index, checkpoint.size,
                                  proof.hashes, checkpoint.root));
  return VerifiedMessage{
      std::move(message), std::move(leaf), std::move(leaf_hash),
      PeerHead{checkpoint.size, checkpoint.root, proof.checkpoint},
      proof.index};
}

Message ProvedMessage(UnprovedMessage message, std::string proof) {
  return Message{FormatMessageLeaf(message.leaf),
                 std::move(message.type),
                 std::move(message.payload),
                 std::move(message.salt),
                 std::move(proof),
                 std::move(message.openings)};
}

}  // namespace comity
