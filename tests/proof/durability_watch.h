#pragma once

#include <map>
#include <memory>
#include <string>

#include "tests/proof/lossy_link.h"

namespace comity {

// Stands at both ends of a link and compares what leaves with the disk of the
// node that it leaves: every message is an entry of its sender's log (design.md
// law 1), and a receipt says of its event what stands there with it (law 6).
// Fails the test otherwise. Used by one thread.
class DurabilityWatch {
 public:
  // Watches calls of `asker` to `answerer`.
  void Watch(LossyLink& link, LinkedNode& asker, LinkedNode& answerer);

  size_t messages() const { return messages_; }
  // Refusals that left, by their reason.
  const std::map<std::string, int>& refusals() const { return refusals_; }

 private:
  void CheckRequest(LinkCall call, const std::string& bytes, const Store& disk);
  void CheckAnswer(LinkCall call, const std::string& bytes, const Store& disk);
  void CheckLogged(const federation::v1::Envelope& envelope, const Store& disk);
  void CheckReceipt(const federation::v1::Envelope& envelope,
                    const Store& disk);

  std::vector<std::unique_ptr<Store>> disks_;
  size_t messages_ = 0;
  std::map<std::string, int> refusals_;
};

}  // namespace comity
