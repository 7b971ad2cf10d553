#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "node/service/node_context.h"

namespace comity {

// Anchors the own log in every partner log when an hour begins and behind a
// change of the own keys (key_change.h), and lets nothing start over a log that
// lost what was anchored. Never waits for the store but in Start(). Tick() is
// called by one thread; borrows the node.
class Anchoring {
 public:
  // `wake` is called when partners have something to witness.
  Anchoring(NodeContext& node, std::function<void()> wake)
      : node_(node), wake_(std::move(wake)) {}

  // INTEGRITY_FAILURE if the own log does not lead to the newest anchors.
  absl::Status Start();

  // Queues anchors that are due; does nothing while the last ones are under
  // way.
  void Tick();

 private:
  bool IsDue(const std::string& hour) const;
  absl::Status Append(CommitScope& scope, const std::string& hour);

  NodeContext& node_;
  std::function<void()> wake_;
  std::atomic<bool> busy_ = false;
  std::string hour_;  // that was anchored last; written while busy_
};

}  // namespace comity
