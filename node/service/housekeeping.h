#pragma once

#include <atomic>
#include <string>

#include "node/service/node_context.h"

namespace comity {

// What a node does for itself by its clock: erases what partners told it when
// the time of that ended, and forgets old notices and approvals once a day.
// Never waits for the store. Tick() is called by one thread; borrows the node.
class Housekeeper {
 public:
  explicit Housekeeper(NodeContext& node) : node_(node) {}

  // Queues what is due now; does nothing while the last one is under way.
  void Tick();

 private:
  absl::Status Keep(CommitScope& scope);
  void Done(const absl::Status& kept);
  bool IsDue() const;

  NodeContext& node_;
  std::atomic<bool> busy_ = false;
  // Erased and perhaps still in the store's journal; also after a start.
  std::atomic<bool> must_forget_ = true;
  std::string swept_;  // the day; written while busy_
};

}  // namespace comity
