#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/base/run_aside.h"
#include "node/service/node_context.h"

namespace comity {

// Shakes hands with one partner, within 2 seconds, and notes what it said.
absl::StatusOr<HandshakeFacts> ShakeHands(NodeContext& node,
                                          const ParticipantCode& partner);

// Lets this node and its partners know whether they hold the same agreements:
// shakes hands with each at the start, when what is in force here changed (an
// activation, a roll-back, the moment of a switch), when an hour begins, and
// after one that failed, 2 seconds later and then up to a minute. Not with a
// partner that collects its mail, which calls by itself, nor with one that is
// suspended. Each call has a thread of its own, so that a silent partner delays
// nobody, and waits as a failed one does where there is no thread to be had; at
// most one to each. The end of this waits for those that run. Tick()
// is called by one thread; borrows the node.
class AgreementWatch {
 public:
  using Call = std::function<absl::Status()>;
  // Starts a call; deferred where there is no thread to be had.
  using Start = std::function<std::future<absl::Status>(Call)>;

  explicit AgreementWatch(
      NodeContext& node,
      Start start = [](Call call) { return RunAside(std::move(call)); })
      : node_(node), start_(std::move(start)) {}

  // Starts what is due.
  void Tick();

 private:
  struct Line {
    std::future<absl::Status> call;  // valid while one runs
    uint64_t version = 0;            // of the policies it told of last
    std::string hour;                // in which it did
    absl::Duration pause;            // before the next one
    absl::Time again;                // unless it succeeds
  };
  // Takes in what ended.
  void Settle();
  void Visit(const ParticipantCode& partner, uint64_t version, absl::Time now);

  NodeContext& node_;
  const Start start_;
  std::map<ParticipantCode, Line> lines_;
};

}  // namespace comity
