#include "node/audit/observed_messages.h"

#include <map>

#include "node/audit/peer_leaves.h"
#include "node/audit/witness.h"
#include "node/base/status_macros.h"

namespace comity {

absl::Status ObservedMessages::Observe(const ParticipantCode& partner,
                                       const VerifiedMessage& message,
                                       absl::Time now) {
  if (!Knows(partner, message.head)) {
    RETURN_IF_ERROR(ObserveHead(store_, partner, message.head, now));
  }
  notes_.push_back(
      {partner, false, message.head.size, message.head.root, message.index});
  return absl::OkStatus();
}

void ObservedMessages::Forget(const ParticipantCode& partner) {
  notes_.push_back({partner, true});
}

void ObservedMessages::Restore(size_t size) {
  notes_.erase(notes_.begin() + static_cast<std::ptrdiff_t>(size),
               notes_.end());
}

// Messages that are committed together mostly came under one head.
bool ObservedMessages::Knows(const ParticipantCode& partner,
                             const PeerHead& head) const {
  for (auto note = notes_.rbegin(); note != notes_.rend(); ++note) {
    if (note->partner != partner) continue;
    if (note->forgotten) return false;
    if (note->head_size == head.size && note->head_root == head.root) {
      return true;
    }
  }
  return false;
}

absl::Status ObservedMessages::Write() {
  std::map<ParticipantCode, std::vector<uint64_t>> came;
  for (const Note& note : notes_) {
    if (note.forgotten) {
      came.erase(note.partner);
    } else {
      came[note.partner].push_back(note.index);
    }
  }
  notes_.clear();
  for (auto& [partner, indices] : came) {
    RETURN_IF_ERROR(NotePeerLeaves(store_, partner, std::move(indices)));
  }
  return absl::OkStatus();
}

}  // namespace comity
