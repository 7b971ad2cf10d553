#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "node/audit/evidence.h"
#include "node/store/store.h"

namespace comity {

// What the commits of one transaction take note of partners' messages. A head
// is looked for once for all messages under it, and their places in the
// partner's log (peer_leaves.h) are written once for all of them, at the
// transaction's end. Used by one thread.
class ObservedMessages {
 public:
  explicit ObservedMessages(StoreTransaction& store) : store_(store) {}

  // Takes note of the head that a message leads to (ObserveHead, with its
  // errors), and of its place.
  absl::Status Observe(const ParticipantCode& partner,
                       const VerifiedMessage& message, absl::Time now);
  // The heads of `partner` were forgotten (ForgetHeads): what came before is of
  // another history.
  void Forget(const ParticipantCode& partner);

  // How much was noted; going back to it undoes what was noted since, as the
  // store undid it.
  size_t size() const { return notes_.size(); }
  void Restore(size_t size);

  // Writes the places of all messages noted.
  absl::Status Write();

 private:
  struct Note {
    ParticipantCode partner;
    bool forgotten = false;  // no message: what came before counts no more
    uint64_t head_size = 0;
    std::string head_root;
    uint64_t index = 0;
  };

  bool Knows(const ParticipantCode& partner, const PeerHead& head) const;

  StoreTransaction& store_;
  std::vector<Note> notes_;  // in their order
};

}  // namespace comity
