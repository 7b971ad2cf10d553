#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "node/service/node_context.h"

namespace comity {

// What a node does for itself by its clock: erases what partners told it, and
// the cases made of that, when their time ended, writes to its dossiers what is
// due with nobody at the keyboard, withholds once an hour what waits and may
// not be told any more and notes what lapsed, so that people learn of it while
// the partner is away, and forgets old notices and approvals once a day.
// Nothing of it while the clock is not to be believed (doubted_time.h). Never
// waits for the store. Tick() is called by one thread; borrows the node. `wake`
// is called when something was queued for a partner.
class Housekeeper {
 public:
  Housekeeper(NodeContext& node, std::function<void()> wake)
      : node_(node), wake_(std::move(wake)) {}

  // Queues what is due now; does nothing while the last one is under way.
  void Tick();

 private:
  // Says so once where it is not.
  bool IsTimeBelieved();
  absl::Status Keep(CommitScope& scope);
  absl::Status LookAtOutbox(CommitScope& scope);
  void Done(const absl::Status& kept);
  bool IsDue() const;

  NodeContext& node_;
  std::function<void()> wake_;
  std::atomic<bool> busy_ = false;
  bool doubted_ = false;  // the clock, at the last tick
  bool queued_ = false;   // something for a partner; written while busy_
  std::string swept_;     // the day; written while busy_
  std::string looked_;    // the hour; likewise
};

}  // namespace comity
